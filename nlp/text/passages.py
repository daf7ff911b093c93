"""Cut the own words of a message where the subject changes, and leave out what is no subject.

Both are learnt from the messages of the window, not from lists.

A subject can stand alone in a message; a greeting, a thank-you or a side remark hardly ever does.
So each message is shared out among its sentences, each in proportion to how much of their messages
the sentences like it explain (expectation-maximisation; Dempster et al. 1977). A sentence that is
often alone explains all of its message, and then most of the next that it shares with others; what
always has company fades.

A cut has to earn its place: two parts lie nearer to the passages of other messages, on average,
than the two together do. Parts of one subject lie nearer together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nlp.nearest import Indices, nearest
from nlp.records import Floats, Passage
from nlp.text.own import own_text, passage_id
from nlp.text.sentences import Span

_N_ROUNDS = 40
"""Rounds that share messages out; from 30 on, no sentence changed sides for long."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How the m sentences of a sample of messages, message by message, are used."""

    embeddings: Floats
    """(m, d), rows of length 1."""
    share: NDArray[np.float64]
    """(m,), of its message that each explains; those of a message add up to 1."""
    even: NDArray[np.float64]
    """(m,), the share that each would have if all of its message had the same."""


def usage(embeddings: Floats, n_sentences: Sequence[int], *, n_alike: int) -> Usage:
    """Learn from messages of `n_sentences` (messages,) each; `embeddings` (m, d) in their order."""
    first, last = _of_messages(n_sentences)
    even = 1.0 / np.maximum(last - first, 1)
    message = np.repeat(np.arange(len(n_sentences)), n_sentences)
    k = min(n_alike, len(embeddings))
    alike, cosines = nearest(embeddings, embeddings, k, without=(first, last))
    counts = np.isfinite(cosines)
    share = even.copy()
    for _ in range(_N_ROUNDS):
        weight = _mean(share[alike], counts, otherwise=even)
        total = np.bincount(message, weights=weight, minlength=len(n_sentences))
        share = weight / np.maximum(total[message], 1e-12)
    return Usage(embeddings, share, even)


def explains(
    known: Usage, embeddings: Floats, *, n_alike: int, without: tuple[Indices, Indices]
) -> NDArray[np.float64]:
    """Return how much of their messages sentences like these (m, d) explain; 1 is an even share.

    `without` (m,) gives for each the first sentence of `known`, and the one after the last, that
    are of its own message.
    """
    k = min(n_alike, len(known.embeddings))
    alike, cosines = nearest(embeddings, known.embeddings, k, without=without)
    counts = np.isfinite(cosines)
    nothing = np.ones(len(embeddings))
    share = _mean(known.share[alike], counts, otherwise=nothing)
    return share / np.maximum(_mean(known.even[alike], counts, otherwise=nothing), 1e-12)


def spans_of(n: int) -> list[Span]:
    """Return all runs (first, after the last) of `n` sentences."""
    return [(a, b) for a in range(n) for b in range(a + 1, n + 1)]


def cut(n: int, nearness: Sequence[float]) -> list[Span]:
    """Return the cut of `n` sentences whose parts lie nearest to other passages on average.

    `nearness` gives that of each of `spans_of(n)`. Of equal cuts the one with fewest parts.
    """
    value = dict(zip(spans_of(n), nearness, strict=True))
    best: dict[int, tuple[float, list[Span]]] = {0: (0.0, [])}
    cuts: list[tuple[float, list[Span]]] = []
    for n_parts in range(1, n + 1):
        best = {
            stop: max(
                (
                    (best[at][0] + value[at, stop], [*best[at][1], (at, stop)])
                    for at in range(stop)
                    if at in best
                ),
                key=lambda option: option[0],
            )
            for stop in range(n_parts, n + 1)
        }
        cuts.append((best[n][0] / n_parts, best[n][1]))
    return max(cuts, key=lambda option: option[0])[1]


def mean_rows(embeddings: Floats, spans: Sequence[Span]) -> Floats:
    """Return the mean directions (spans, d), length 1, of runs of `embeddings` (n, d)."""
    sums = np.stack([embeddings[a:b].sum(axis=0, dtype=np.float64) for a, b in spans])
    rows: Floats = (sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)).astype(
        np.float32
    )
    return rows


def passages_of(
    message_id: str, text: str, sentences: Sequence[Span], parts: Sequence[Span]
) -> list[Passage]:
    """Return the passages of a message: runs `parts` of those of its `sentences` that are kept.

    A message that is one passage from its first sentence to its last keeps its text to the bit.
    """
    found = []
    for a, b in parts:
        start, stop = sentences[a][0], sentences[b - 1][1]
        found.append((start, stop, _said(text, sentences[a:b])))
    found.sort(key=lambda part: (-len(part[2]), part[0]))
    return [
        Passage(
            passage_id(message_id, n), message_id, n, start, stop, said, own_text(said).text_hash
        )
        for n, (start, stop, said) in enumerate(found, 1)
    ]


def _said(text: str, sentences: Sequence[Span]) -> str:
    """The words of some sentences: as they stand, where nothing was left out between them."""
    said = text[sentences[0][0] : sentences[0][1]]
    for (_, before), (start, stop) in pairwise(sentences):
        between = text[before:start]
        said += (" " if between.strip() else between) + text[start:stop]
    return said


def _of_messages(n_sentences: Sequence[int]) -> tuple[Indices, Indices]:
    """The first sentence, and the one after the last, of the message of each sentence."""
    stops = np.cumsum(np.asarray(n_sentences, dtype=np.intp))
    starts = stops - np.asarray(n_sentences, dtype=np.intp)
    return np.repeat(starts, n_sentences), np.repeat(stops, n_sentences)


def _mean(
    values: NDArray[np.float64], counts: NDArray[np.bool_], *, otherwise: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The mean of each row of `values` (m, k) where it counts; `otherwise` (m,) where none does."""
    n = counts.sum(axis=1)
    return np.where(n > 0, np.where(counts, values, 0).sum(axis=1) / np.maximum(n, 1), otherwise)
