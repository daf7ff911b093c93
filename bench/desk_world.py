"""The truth of a scripted helpdesk: conversations that are written, edited and deleted."""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

_OPENINGS = (
    "My card has not arrived", "The app crashes when I open it", "I was charged twice",
    "Where is my refund", "I cannot log in any more", "Please close my account",
    "The delivery came to the wrong place", "How do I change my address",
)  # fmt: skip
_CASES = ("order", "parcel", "case", "ticket", "booking", "device", "invoice", "visit")
_REPLIES = ("We are looking into it", "Please restart and try again", "It is on its way to you")
_LONGEST = dt.timedelta(days=4)
"""How long after its beginning a conversation is still written to."""


@dataclass
class Part:
    """One message."""

    id: int
    at: dt.datetime
    text: str
    author: str
    is_deleted: bool = False


@dataclass
class Talk:
    """One conversation."""

    id: int
    requester: int
    subject: str
    created: dt.datetime
    changed: dt.datetime
    parts: list[Part] = field(default_factory=list)
    is_deleted: bool = False
    tags: tuple[str, ...] = ()


@dataclass
class World:
    """All conversations of a desk, as it has them now."""

    now: dt.datetime
    talks: dict[int, Talk] = field(default_factory=dict)
    n_parts: int = 0
    n_edits: int = 0
    n_deletions: int = 0

    def begin(self, text: str, *, tags: tuple[str, ...] = ()) -> Talk:
        """Begin a conversation now, by its customer."""
        number = 1_001 + len(self.talks)
        talk = Talk(number, number % 97 + 500, text[:40], self.now, self.now, tags=tags)
        self.talks[talk.id] = talk
        self.add(talk, text, author="customer")
        return talk

    def add(self, talk: Talk, text: str, *, author: str) -> Part:
        """Write a message now."""
        self.n_parts += 1
        part = Part(900_000 + self.n_parts, self.now, text, author)
        talk.parts.append(part)
        talk.changed = self.now
        return part

    def edit(self, talk: Talk, part: Part, text: str) -> None:
        """Change a message now."""
        part.text, talk.changed = text, self.now
        self.n_edits += 1

    def delete(self, talk: Talk) -> None:
        """Delete a conversation now."""
        talk.is_deleted, talk.changed = True, self.now
        self.n_deletions += 1

    def living(self) -> Iterator[Talk]:
        """The conversations that are not deleted, by their last change."""
        found = (t for t in self.talks.values() if not t.is_deleted)
        yield from sorted(found, key=lambda t: (t.changed, t.id))

    def truth(self, *, before: dt.datetime) -> dict[str, tuple[str, str, str]]:
        """What a store must hold of what was written before a time: by id, text, author, talk."""
        return {
            str(p.id): (p.text, p.author, str(t.id))
            for t in self.living()
            for p in t.parts
            if p.at < before and not p.is_deleted
        }


class Script:
    """Writes a month of a desk from a seed, moment by moment."""

    def __init__(self, world: World, *, per_day: int, seed: int) -> None:
        self.world, self.per_day, self.random = world, per_day, random.Random(seed)
        self.open: list[Talk] = []

    def run_until(self, end: dt.datetime) -> None:
        """Let people write, edit and delete until a time."""
        world, step = self.world, dt.timedelta(days=1) / self.per_day
        while world.now + step < end:
            world.now += step
            self._act()
        world.now = end

    def _act(self) -> None:
        world, draw = self.world, self.random
        self.open = [t for t in self.open if world.now - t.created < _LONGEST and not t.is_deleted]
        if not self.open or draw.random() < 0.28:
            text = f"{draw.choice(_OPENINGS)}, about {draw.choice(_CASES)} {world.n_parts}"
            tags = (draw.choice(("billing", "app")), "vip") if draw.random() < 0.3 else ()
            self.open.append(world.begin(text, tags=tags))
        else:
            talk = draw.choice(self.open[-400:])
            author = draw.choice(("customer", "agent"))
            text = f"{draw.choice(_REPLIES)}, {draw.choice(_CASES)} {world.n_parts}"
            world.add(talk, text, author=author)
        if draw.random() < 0.02:
            talk = draw.choice(self.open)
            part = draw.choice(talk.parts)
            world.edit(talk, part, f"Redacted {world.n_edits}, {part.text[:20].strip()}")
        if draw.random() < 0.006:
            world.delete(draw.choice(self.open))


def iso(time: dt.datetime) -> str:
    """Write a time as most desks do."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
