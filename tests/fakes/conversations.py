"""A helpdesk, and what a store knows of its conversations, in memory."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nlp.records import (
    Conversation,
    Listed,
    Passage,
    PullCounts,
    RawRow,
    ReadConversation,
    Reading,
    TicketNote,
)
from nlp.states import WriteState
from tests.fakes.messages import MemoryMessages


@dataclass
class MemoryDesk:
    """`nlp.ports.Desk` of conversations that a test gives, by id."""

    name: str
    conversations: dict[str, Conversation]
    asked: list[str] = field(default_factory=list)
    """The ids of the conversations that were read, in order."""
    notes: list[TicketNote] = field(default_factory=list)
    """What was written to its tickets."""

    def pull(self, day: dt.date) -> Iterator[RawRow]:
        for conversation in self.conversations.values():
            yield from conversation.rows

    def changed(self, day: dt.date) -> Iterator[Listed]:
        yield from [c.listed for c in self.conversations.values()]

    def look(self, conversation: str) -> Listed | None:
        found = self.conversations.get(conversation)
        return found and found.listed

    def read(self, listed: Listed) -> Conversation | None:
        self.asked.append(listed.conversation)
        return self.conversations.get(listed.conversation)

    def write(self, note: TicketNote, *, as_tags: bool) -> WriteState:
        if note.conversation not in self.conversations:
            return WriteState.GONE
        if not (note.is_unsure and note.key in [n.key for n in self.notes]):
            self.notes.append(note)
        return WriteState.SENT


@dataclass
class MemoryConversations(MemoryMessages):
    """The methods of `nlp.ports.MessageStore` about helpdesks."""

    known: dict[tuple[str, str], Reading] = field(default_factory=dict)
    """By source and conversation."""
    cut: set[dt.date] = field(default_factory=set)
    """The days that were cut."""

    def readings(
        self, conversations: Collection[str], *, source: str, day: dt.date
    ) -> dict[str, Reading]:
        return {c: self.known[source, c] for c in conversations if (source, c) in self.known}

    def conversations_on(self, day: dt.date, *, source: str) -> set[str]:
        return {
            m.conversation_id
            for m in self.messages.values()
            if (m.day, m.source) == (day, source) and m.conversation_id
        }

    def first_read(self, *, source: str) -> dt.date | None:
        return min((r.first_day for (s, _), r in self.known.items() if s == source), default=None)

    def save_conversations(
        self, conversations: Sequence[ReadConversation], *, source: str, day: dt.date
    ) -> PullCounts:
        n_pulled = n_stored = n_quarantined = n_changed = n_gone = n_late = 0
        for read in conversations:
            n_pulled += len(read.messages) + len(read.rejected)
            n_quarantined += len(read.rejected)
            of_it = [
                m
                for m in self.messages.values()
                if (m.source, m.conversation_id) == (source, read.conversation_id)
            ]
            for gone in [m for m in of_it if m.external_id not in read.kept]:
                del self.messages[gone.message_id]
                self._drop(gone.message_id)
                n_gone += 1
            for message in read.messages:
                old = self.messages.get(message.message_id)
                n_stored += old is None
                n_late += old is None and message.day < message.arrived_on
                if old is not None and (old.text, old.zones) != (message.text, message.zones):
                    n_changed += 1
                    self._drop(message.message_id)
                arrived = old.arrived_on if old else message.arrived_on
                self.messages[message.message_id] = replace(message, arrived_on=arrived)
            self.quarantine = [
                r for r in self.quarantine if not r.position.startswith(read.position)
            ] + list(read.rejected)
            self.known[source, read.conversation_id] = Reading(
                read.version, read.first_day, read.last_day, read.is_whole, len(read.messages),
                len(read.rejected), is_fresh=True,
            )  # fmt: skip
        n_known = n_pulled - n_stored - n_quarantined
        return PullCounts(n_pulled, n_stored, n_known, n_quarantined, n_late, n_changed, n_gone)

    def save_passages(
        self, day: dt.date, passages: Sequence[Passage], *, joined_to: Mapping[str, str]
    ) -> None:
        self.cut.add(day)
        super().save_passages(day, passages, joined_to=joined_to)

    def uncut_days(self, *, before: dt.date) -> list[dt.date]:
        cut = {p.message_id for p in self.passages.values()} | self.joined_to.keys()
        days = {m.arrived_on for i, m in self.messages.items() if m.text and i not in cut}
        return sorted(day for day in days & self.cut if day < before)
