"""Cut a day's messages into passages, and embed those of several sentences.

The turns of one conversation on one day are one message here: the first turn has the passages of
all, and so the conversation counts once.
"""

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from nlp.crossings import crossing
from nlp.jobs.at_work import at_work
from nlp.jobs.record import record_run
from nlp.jobs.triage import embed
from nlp.jobs.window import first_of_window
from nlp.nearest import nearest
from nlp.ports import Encoder, MessageStore, RunStore
from nlp.records import Floats, Passage, RunReport, StoredText
from nlp.settings import Settings
from nlp.text.config import TextConfig, text_config
from nlp.text.own import own_text
from nlp.text.passages import cut, mean_rows, passages_of, spans_of, worth
from nlp.text.sentences import Span, sentences
from nlp.topics.config import topic_config

_AT_ONCE = 100
"""Messages cut at once: 40 sentences have 820 runs, whose mean rows take 1.2 MB."""


class CutStore(MessageStore, RunStore, Protocol):
    """What cutting reads and writes."""


@dataclass
class _Reading:
    """A message of the day while it is cut."""

    message: StoredText
    spans: list[Span]
    """Of its sentences that are kept."""
    texts: list[str]
    """Their hashes."""
    embeddings: Floats
    """(len(spans), d)."""
    parts: list[Span] = field(default_factory=list)


@at_work
def cut_day(store: CutStore, encoder: Encoder, day: dt.date, *, settings: Settings) -> RunReport:
    """Replace the passages of the messages of `day`, learning from the window that ends on it.

    A message in an unsupported language is one passage; one without own words, or a later turn of
    a conversation, has none. More than `sample_passages` messages are cut in parts.
    """
    started = time.perf_counter()
    config, most = text_config(settings), topic_config(settings).sample_size
    first = first_of_window(store, day, settings=settings)
    languages = settings.languages
    texts = store.texts_of(first=first, last=day, languages=languages, most=most)
    read = _read(store, encoder, _conversations(texts)[0])
    messages, joined_to = _conversations(store.texts_of(first=day, last=day, languages=languages))
    eve, name = day - dt.timedelta(1), encoder.name
    before = store.window(first=first, last=eve, encoder=name, languages=languages, most=most)
    passages: list[Passage] = []
    n_embedded, at_once = 0, len(messages) if len(messages) <= settings.sample_passages else most
    for at in range(0, len(messages), max(at_once, 1)):
        today = _read(store, encoder, messages[at : at + at_once])
        own = _passages(today, read, before.embeddings, config=config)
        n_embedded += embed(store, encoder, [own_text(p.text) for p in own])
        passages += own
    has_words = {p.message_id for p in passages}
    known = joined_to.keys() | has_words
    others = [m for m in store.texts_of(first=day, last=day) if m.message_id not in known]
    passages += [p for m in others if m.text for p in _whole(m)]
    store.save_passages(day, passages, joined_to=joined_to)
    crossing(
        "cut.saved",
        "The day's passages are whole; embeddings of others that were cut before do no harm.",
    )
    counts = {
        "n_messages": len(has_words) + len(others) + len(joined_to),
        "n_passages": len(passages),
        "n_wordless": sum(not m.text for m in others),
        "n_joined": len(joined_to),
        "n_embedded": n_embedded,
    }
    report = RunReport("cut", day, counts, {"total": time.perf_counter() - started})
    return record_run(store, report, settings=settings, text=config)


def _passages(
    today: Sequence[_Reading], sample: Sequence[_Reading], before: Floats, *, config: TextConfig
) -> list[Passage]:
    """The passages of messages of the day; `before` (n, d) are those of earlier days."""
    _drop_filler(today, sample, config=config)
    _cut(today, before, config=config)
    return [
        p
        for s in today
        for p in passages_of(s.message.message_id, s.message.text, s.spans, s.parts)
    ]


def _conversations(messages: Sequence[StoredText]) -> tuple[list[StoredText], dict[str, str]]:
    """Put the turns of each conversation on one day into its first message, in their order.

    Returns the messages by id, and the first message of each later turn.
    """
    talks: dict[tuple[object, ...], list[StoredText]] = {}
    for m in sorted(messages, key=lambda m: (m.created_at, m.message_id)):
        is_turn = m.conversation is not None and m.text
        key = (m.arrived_on, m.conversation) if is_turn else (m.message_id,)
        talks.setdefault(key, []).append(m)
    whole = [replace(t[0], text="\n\n".join(m.text for m in t)) for t in talks.values()]
    joined_to = {m.message_id: t[0].message_id for t in talks.values() for m in t[1:]}
    return sorted(whole, key=lambda m: m.message_id), joined_to


def _read(store: CutStore, encoder: Encoder, messages: Sequence[StoredText]) -> list[_Reading]:
    """The messages that have words, with their sentences; what is not embedded yet is."""
    read = [(m, spans) for m in messages if (spans := sentences(m.text))]
    own = [[own_text(m.text[a:b]) for a, b in spans] for m, spans in read]
    everything = [text for texts in own for text in texts]
    embed(store, encoder, everything)
    known = store.embeddings_of([t.text_hash for t in everything], encoder=encoder.name)
    hashes = [[t.text_hash for t in texts] for texts in own]
    return [
        _Reading(m, spans, texts, np.stack([known[h] for h in texts]))
        for (m, spans), texts in zip(read, hashes, strict=True)
    ]


def _drop_filler(
    today: Sequence[_Reading], sample: Sequence[_Reading], *, config: TextConfig
) -> None:
    """Of each message of several sentences keep those that explain it, at least the best one."""
    several = [s for s in today if len(s.spans) > 1]
    if not several:
        return
    own_ids = {s.message.message_id for s in several}
    read = [*several, *(s for s in sample if s.message.message_id not in own_ids)]
    rows = {h: row for s in read for h, row in zip(s.texts, s.embeddings, strict=True)}
    at = {h: n for n, h in enumerate(rows)}
    text_of = np.array([at[h] for s in read for h in s.texts], dtype=np.intp)
    sizes = [len(s.spans) for s in read]
    worths = worth(np.stack(list(rows.values())), text_of, sizes, n_alike=config.n_alike)
    for reading, own in zip(several, np.split(worths, np.cumsum(sizes)), strict=False):
        kept = np.flatnonzero((own >= config.least_share) | (own == own.max()))
        reading.spans = [reading.spans[i] for i in kept]
        reading.texts = [reading.texts[i] for i in kept]
        reading.embeddings = reading.embeddings[kept]


def _cut(today: Sequence[_Reading], before: Floats, *, config: TextConfig) -> None:
    """Cut each message where its parts lie nearer to the passages before and the rest of today."""
    for reading in today:
        reading.parts = [(0, len(reading.spans))]
    several = [n for n, reading in enumerate(today) if len(reading.spans) > 1]
    if not several:
        return
    wholes = np.concatenate([mean_rows(s.embeddings, s.parts) for s in today])
    pool = np.concatenate([before, wholes]) if len(before) else wholes
    k = min(config.n_alike, len(pool) - 1)
    for at in range(0, len(several), _AT_ONCE):
        block = several[at : at + _AT_ONCE]
        spans = [spans_of(len(today[n].spans)) for n in block]
        rows = np.concatenate(
            [mean_rows(today[n].embeddings, own) for n, own in zip(block, spans, strict=True)]
        )
        own = np.repeat(np.array(block, dtype=np.intp) + len(before), [len(s) for s in spans])
        _, cosines = nearest(rows, pool, k, without=(own, own + 1))
        nearness = cosines.mean(axis=1) if k else np.zeros(len(rows))
        ends = np.cumsum([len(s) for s in spans])
        for n, values in zip(block, np.split(nearness, ends[:-1]), strict=True):
            today[n].parts = cut(len(today[n].spans), values.tolist())


def _whole(message: StoredText) -> list[Passage]:
    """A message in a language that is not read is one passage."""
    return passages_of(message.message_id, message.text, [(0, len(message.text))], [(0, 1)])
