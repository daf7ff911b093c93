"""The turns of a conversation, where a desk exports a ticket with its comments in a list."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nlp.sources.columns import lookup


@dataclass(frozen=True)
class Turns:
    """Where the turns of a ticket are, and who wrote them.

    Each turn becomes a record of its own: the ticket, with the turn in it under `turn` and its
    author under `turn_author`.
    """

    at: tuple[str, ...]
    """Paths of the list; the first that is there counts."""
    first: Mapping[str, str] = field(default_factory=dict)
    """Where the ticket itself has a first message beside the list: its fields by their names in a
    turn. It counts always where `is_extra`, else where there is no turn."""
    is_extra: bool = False
    text: str = "body"
    """A turn without it, such as a change of state, is no message."""
    authors: tuple[str, ...] = ()
    """Paths in a turn that say who wrote it."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """What these say, in lower case, to the contract's author."""
    same: tuple[tuple[str, str], ...] = ()
    """Pairs of a path in the turn and one in the ticket: equal where the customer wrote."""

    wrapped: tuple[str, ...] = ("ticket", "conversation", "comment", "helpdesk_ticket",
                                "helpdesk_note", "note", "thread")  # fmt: skip
    """Names under which an export wraps each ticket, and each turn, as its only field."""

    def of(self, record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield a record for each message of a ticket."""
        ticket = self._bare(record)
        listed = next((v for p in self.at if isinstance(v := lookup(ticket, p), list)), [])
        bare = [self._bare(t) for t in listed if isinstance(t, Mapping)]
        turns = [t for t in bare if lookup(t, self.text)]
        if self.first and (self.is_extra or not turns):
            own = {name: lookup(ticket, path) for name, path in self.first.items()}
            yield {**ticket, "turn": own, "turn_author": self._author(own, ticket) or "customer"}
        for turn in turns:
            author = self._author(turn, ticket)
            yield {**ticket, "turn": turn, "turn_author": author or "agent"}

    def _bare(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        inner = record.get(next(iter(record))) if len(record) == 1 else None
        is_wrapped = isinstance(inner, Mapping) and next(iter(record)) in self.wrapped
        return inner if isinstance(inner, Mapping) and is_wrapped else record

    def _author(self, turn: Mapping[str, Any], ticket: Mapping[str, Any]) -> str | None:
        for path in self.authors:
            author = lookup(turn, path)
            if author is not None and (role := self.roles.get(str(author).lower())):
                return role
        for mine, theirs in self.same:
            one, other = lookup(turn, mine), lookup(ticket, theirs)
            if one is not None and other is not None:
                return "customer" if str(one) == str(other) else "agent"
        return None
