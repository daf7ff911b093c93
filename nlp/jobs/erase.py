"""Erase a customer or a message, with all that was derived, and bar it from coming back.

The store is one transaction of the caller's: an error leaves everything as it was. Counts of past
days stay, as numbers of nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from nlp.errors import DecisionError, NotFoundError, SettingError
from nlp.intents.forget import forget, terms_of
from nlp.jobs.ingest import known_as
from nlp.ports import ErasureStore, Tracker
from nlp.records import LearntModel, Target, Trace
from nlp.settings import Settings
from nlp.states import Subject
from nlp.text.contract import customer_hash, key_mark, known_id
from nlp.text.own import message_id, own_text
from nlp.text.redact import redactor_of
from nlp.text.sentences import sentences
from nlp.text.traces import phrases_in, showing, words_of

_TELLING = 5
"""Characters of an id, at least, that is looked for in notes: a shorter one stands in many."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did."""

    counts: Mapping[str, int]
    """Rows that were deleted or changed, by table; only those that are not 0."""
    number: int | None = None
    """Of the erasure; None where everything was erased before."""
    barred_on: datetime | None = None
    """When it had been erased before; None where it had not."""
    other_key: bool = False
    """Part of the messages was stored under another key: of these, customers cannot be found."""
    days: frozenset[date] = frozenset()
    """Those of the messages."""
    message_ids: frozenset[str] = frozenset()
    """The messages that were erased, now or before, as far as they are known."""
    models: tuple[str, ...] = ()
    """Versions that had learnt from its texts: they keep nothing of them any more."""
    registered: tuple[str, ...] = ()
    """References in a registry that is off: the copies there are unchanged."""


def customer(customer_id: str, *, settings: Settings) -> Target:
    """Return a customer as the target of an erasure, by the id that the source gives."""
    plain = _usable(customer_id)
    key = settings.customer_key()
    return Target(
        Subject.CUSTOMER,
        customer_hash=customer_hash(plain, key),
        key_mark=key_mark(key),
        names=(plain,),
    )


def message(external_id: str, *, source: str | None, settings: Settings) -> Target:
    """Return a message as the target of an erasure, by the id that its source gives."""
    plain = _usable(external_id)
    redactor = redactor_of(settings)
    forms = (plain, known_as(plain, redactor, settings.customer_key()))
    return Target(
        Subject.MESSAGE, source=source, external_ids=tuple(dict.fromkeys(forms)), names=(plain,)
    )


def erase(
    store: ErasureStore,
    target: Target,
    *,
    actor: str,
    sources: Sequence[str] = (),
    tracker: Tracker | None = None,
    seconds: int = 60,
) -> Erased:
    """Erase `target`. `sources` are those of the settings, where a message may have been barred.

    Waits up to `seconds` for jobs at work, then raises BusyError. Raises SettingError where the key
    of the customer hash was lost, NotFoundError or DecisionError where it is not certain which
    message is meant, RegistryError where copies of models cannot be replaced.
    """
    store.take_turn(seconds=seconds)
    other_key = _is_other_key(store, target)
    known = _sources(store, target, sources)
    message_ids = [message_id(s, e) for s in known for e in target.external_ids]
    barred_on = store.barred_on(target, message_ids)
    traces = store.traces(target)
    if not traces and barred_on is None and target.kind == Subject.MESSAGE:
        _require_source(store, target)
    before = store.models()
    counts = _delete(store, target, traces, before)
    changed = [m for m in store.models() if m not in before]
    number = None
    if barred_on is None or any(counts.values()):
        ids = _barred_ids(target, traces, message_ids if known else ())
        number = store.bar(target, ids, actor=actor, counts=counts)
    return Erased(
        counts={table: n for table, n in sorted(counts.items()) if n},
        number=number,
        barred_on=barred_on,
        other_key=other_key,
        days=frozenset(t.day for t in traces),
        message_ids=frozenset({*(t.message_id for t in traces), *message_ids}),
        models=tuple(m.version for m in changed),
        registered=_unreplaced(tracker, [m for m in changed if m.registry_ref]),
    )


def _unreplaced(tracker: Tracker | None, models: Sequence[LearntModel]) -> tuple[str, ...]:
    """Replace the copies of models in the registry; return those that are out of reach."""
    if tracker is None:
        return tuple(m.registry_ref or "" for m in models)
    for model in models:
        tracker.replace(model)
    return ()


def _barred_ids(
    target: Target, traces: Sequence[Trace], message_ids: Iterable[str]
) -> dict[Subject, set[str]]:
    """What may not come back: the messages, and of a customer the conversations, too."""
    ids: dict[Subject, set[str]] = {
        Subject.MESSAGE: {t.message_id for t in traces} | {*message_ids}
    }
    if target.customer_hash is not None:
        ids[Subject.CUSTOMER] = {target.customer_hash}
        ids[Subject.CONVERSATION] = {t.conversation for t in traces if t.conversation}
    return ids


def _usable(value: str) -> str:
    plain = known_id(value)
    if plain is None:
        raise DecisionError("An id has 1 to 200 characters, as the source gives it")
    return plain


def _is_other_key(store: ErasureStore, target: Target) -> bool:
    """Whether some messages were stored under another key. Raises SettingError where all were."""
    marks = store.key_marks() if target.key_mark else set()
    if marks and target.key_mark not in marks:
        raise SettingError(
            "TRIAGE_HASH_KEY is not the key under which customers were stored, so none can be "
            "found: nothing was erased. Restore that key, or erase by the ids of messages"
        )
    return len(marks) > 1


def _sources(store: ErasureStore, target: Target, configured: Sequence[str]) -> list[str]:
    """Where the message may come from. Raises DecisionError where several sources have its id."""
    if target.kind == Subject.CUSTOMER:
        return []
    if target.source is not None:
        return [target.source]
    stored = store.sources_of(target.external_ids)
    if len(stored) > 1:
        raise DecisionError(
            f"Several sources have a message of this id: {', '.join(stored)}. Name one of them"
        )
    return stored or list(configured)


def _require_source(store: ErasureStore, target: Target) -> None:
    """Raise NotFoundError where nothing says from which source a message would be barred."""
    if target.source is None and not store.sources_of(target.external_ids):
        raise NotFoundError(
            "No message of this id is stored, and none was erased. To bar it from coming, name its "
            "source"
        )


def _delete(
    store: ErasureStore, target: Target, traces: Sequence[Trace], models: Sequence[LearntModel]
) -> dict[str, int]:
    """Delete messages and all that shows them; return how many rows changed, by table."""
    ids, hashes = [t.message_id for t in traces], _hashes(traces)
    vectors = store.vectors_of(store.unused(ids, hashes)) if models and ids else {}
    counts = store.delete(target, ids, hashes)
    texts = [text for t in traces for text in (t.text, *t.around)]
    terms = {word for m in models for word in terms_of(m.artefact)} if texts else set()
    strings = store.strings()
    phrases = store.unsaid(phrases_in(texts, strings | terms)) if texts else set()
    names = {*target.names, *ids, *(t.external_id for t in traces)}
    phrases |= {" ".join(words_of(n)) for n in names if len(n) >= _TELLING}
    for table, n in store.blank(showing(strings, phrases - {""})).items():
        counts[table] = counts.get(table, 0) + n
    words = phrases & terms
    for model in models:
        own = vectors.get(model.encoder)
        if words or (own is not None and len(own)):
            _forget(store, model, words, own)
    return counts


def _forget(store: ErasureStore, model: LearntModel, words: set[str], vectors: object) -> None:
    import numpy as np

    rows = np.zeros((0, 0), dtype=np.float32) if vectors is None else np.asarray(vectors)
    artefact = forget(model.artefact, words=words, vectors=rows)
    if artefact != model.artefact:
        store.save_model(
            LearntModel(model.version, model.encoder, artefact, model.card, model.registry_ref)
        )


def _hashes(traces: Sequence[Trace]) -> set[str]:
    """The hashes of all texts that were embedded: messages, passages and sentences.

    The turns of a conversation on one day are one text, which is cut as a whole.
    """
    hashes = {h for t in traces for h in t.hashes}
    texts = [t.text for t in traces]
    turns = sorted(
        (t for t in traces if t.conversation is not None),
        key=lambda t: (t.arrived_on, t.conversation or "", t.created_at, t.message_id),
    )
    for _, talk in groupby(turns, key=lambda t: (t.arrived_on, t.conversation)):
        texts.append("\n\n".join(t.text for t in talk if t.text))
    return hashes | {own_text(t[a:b]).text_hash for t in texts for a, b in sentences(t)}
