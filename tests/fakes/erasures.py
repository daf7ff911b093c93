"""Erasures in memory."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nlp.errors import BusyError
from nlp.records import Floats, LearntModel, Message, Target, Trace
from nlp.states import Kept, Subject
from nlp.text.traces import words_of
from tests.fakes.decisions import MemoryDecisions
from tests.fakes.messages import MemoryRuns

_TIME = dt.datetime(2026, 3, 9, 12, tzinfo=dt.UTC)


class _Store(MemoryDecisions, MemoryRuns):
    """What an erasure needs of a store in memory."""


@dataclass
class OneErasure:
    """`nlp.ports.ErasureStore`; it changes the store at once."""

    store: _Store
    logged: list[tuple[str, Subject, dict[str, int]]] = field(default_factory=list)

    def take_turn(self, *, seconds: int) -> None:
        if self.store.n_at_work:
            raise BusyError(f"A run is at work, and has been for {seconds} s")

    def key_marks(self) -> set[str]:
        runs = self.store.run_settings.values()
        return {s["customer_key"]["mark"] for s in runs if "customer_key" in s}

    def sources_of(self, external_ids: Sequence[str]) -> list[str]:
        rows = [*self.store.messages.values(), *self.store.quarantine]
        return sorted({r.source for r in rows if r.external_id in external_ids})

    def barred_on(self, target: Target, message_ids: Sequence[str]) -> dt.datetime | None:
        asked = {(Subject.CUSTOMER, target.customer_hash)}
        asked |= {(Subject.MESSAGE, m) for m in message_ids}
        kinds = {k for k in asked if k[0] == target.kind}
        return _TIME if kinds & self.store.tombstones.keys() else None

    def traces(self, target: Target) -> list[Trace]:
        messages = self.store.messages.values()
        own = [m for m in messages if self._is_own(m, target)]
        if target.kind == Subject.CUSTOMER:
            talks = {(m.source, m.conversation_id) for m in own if m.conversation_id}
            own += [
                m
                for m in messages
                if m.customer_hash is None and (m.source, m.conversation_id) in talks
            ]
        return [self._trace(m) for m in sorted(own, key=lambda m: m.message_id)]

    def _is_own(self, m: Message, target: Target) -> bool:
        if target.kind == Subject.CUSTOMER:
            return m.customer_hash == target.customer_hash
        return m.external_id in target.external_ids and target.source in (None, m.source)

    def _trace(self, m: Message) -> Trace:
        passages = [p for p in self.store.passages.values() if p.message_id == m.message_id]
        return Trace(
            message_id=m.message_id,
            source=m.source,
            external_id=m.external_id,
            day=m.day,
            arrived_on=m.arrived_on,
            created_at=m.created_at,
            conversation=m.conversation_id and f"{m.source} {m.conversation_id}",
            text=m.text,
            around=(
                *([m.subject] if m.subject else []),
                *(text for _, text in m.zones),
                *(v for v in m.attributes.values() if isinstance(v, str)),
            ),
            hashes=(m.text_hash, *(p.text_hash for p in passages)),
        )

    def unused(self, message_ids: Sequence[str], text_hashes: Collection[str]) -> set[str]:
        rows = [*self.store.messages.values(), *self.store.passages.values()]
        used = {r.text_hash for r in rows if r.message_id not in message_ids}
        return set(text_hashes) - used

    def vectors_of(self, text_hashes: Collection[str]) -> dict[str, Floats]:
        result = {}
        for name in {m.encoder for m in self.store.models.values()}:
            rows = [r for (e, h), r in self.store.embeddings.items()
                    if e == name and h in text_hashes]  # fmt: skip
            result[name] = np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)
        return result

    def delete(
        self, target: Target, message_ids: Sequence[str], text_hashes: Collection[str]
    ) -> dict[str, int]:
        store, gone = self.store, set(message_ids)
        unused = self.unused(message_ids, text_hashes)
        before = self._sizes()
        # What is left of a conversation of one day is cut again when the day runs again.
        heads = {store.joined_to.get(i, i) for i in gone}
        left = {i for i, h in store.joined_to.items() if h in heads} | heads
        store.passages = {i: p for i, p in store.passages.items() if p.message_id not in left}
        store.quarantine = [
            r
            for r in store.quarantine
            if (r.customer_hash is None or r.customer_hash != target.customer_hash)
            and (r.external_id not in target.external_ids)
        ]
        store.messages = {i: m for i, m in store.messages.items() if i not in gone}
        store.joined_to = {i: h for i, h in store.joined_to.items() if i not in left}
        store.corrections = {i: c for i, c in store.corrections.items() if c[0] not in gone}
        store.embeddings = {k: r for k, r in store.embeddings.items() if k[1] not in unused}
        store.labelled = {k: e for k, e in store.labelled.items() if k[0] not in unused}
        after = self._sizes()
        return {name: n - after[name] for name, n in before.items()}

    def _sizes(self) -> Counter[str]:
        names = ("messages", "passages", "quarantine", "corrections", "embeddings")
        sizes = Counter({name: len(getattr(self.store, name)) for name in names})
        sizes["labelled_examples"] = len(self.store.labelled)
        return sizes

    def strings(self) -> set[str]:
        return {life.label for life in self.store.state.lives.values()}

    def unsaid(self, phrases: Collection[str]) -> set[str]:
        rows = [*self.store.messages.values(), *self.store.labelled.values()]
        said = [f" {' '.join(words_of(row.text))} " for row in rows]
        return {p for p in phrases if not any(f" {p} " in text for text in said)}

    def blank(self, strings: Collection[str]) -> dict[str, int]:
        lives = self.store.state.lives
        gone = [t for t, life in lives.items() if life.label in strings]
        changed = {t: replace(lives[t], label=f"Unnamed theme {t}") for t in gone}
        self.store.state = replace(self.store.state, lives=lives | changed)
        return {"topics": len(gone)}

    def models(self) -> list[LearntModel]:
        return [
            LearntModel(m.version, m.encoder, m.artefact, m.card, m.registry_ref)
            for _, m in sorted(self.store.models.items())
        ]

    def save_model(self, model: LearntModel) -> None:
        old = self.store.models[model.version]
        self.store.models[model.version] = replace(old, artefact=model.artefact)

    def expire(self, kind: Kept, *, before: dt.date, most: int) -> int:
        store = self.store
        if kind == Kept.MESSAGES:
            ids = [m.message_id for m in store.messages.values() if m.arrived_on < before][:most]
            self.delete(Target(Subject.CUSTOMER), ids, ())
            return len(ids)
        if kind == Kept.QUARANTINE:
            old = [r for r in store.quarantine if r.arrived_on < before][:most]
            store.quarantine = [r for r in store.quarantine if r not in old]
            return len(old)
        return 0

    def forget_customers(self, *, before: dt.date, salt: str) -> int:
        """Who wrote is not kept by day in memory."""
        return 0

    def drop_months(self, *, before: dt.date) -> int:
        """There are no partitions in memory."""
        return 0

    def bar(
        self,
        target: Target,
        ids: Mapping[Subject, Collection[str]],
        *,
        actor: str,
        counts: Mapping[str, int],
    ) -> int:
        for kind, known in ids.items():
            mark = target.key_mark if kind == Subject.CUSTOMER else None
            self.store.tombstones |= {(kind, i): mark for i in known}
        self.logged.append((actor, target.kind, {k: n for k, n in counts.items() if n}))
        return len(self.logged)
