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
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nlp.nearest import Indices, nearest
from nlp.records import Floats, Passage
from nlp.text.own import own_text, passage_id
from nlp.text.sentences import Span

_N_ROUNDS = 40
"""Rounds that share messages out; from 30 on, no sentence changed sides for long."""


def worth(
    embeddings: Floats, text_of: Indices, n_sentences: Sequence[int], *, n_alike: int
) -> NDArray[np.float64]:
    """Return how much of its message each of m sentences explains (m,); 1 is an even share.

    `embeddings` (u, d), rows of length 1, are those of the distinct texts, `text_of` (m,) says
    which each sentence is, `n_sentences` how many each message has, one message after the other.
    Witnesses of a sentence are all others with its text; where these are fewer than `n_alike`, the
    nearest texts, too; of its own message none.
    """
    even = 1.0 / np.repeat(n_sentences, n_sentences)
    message = np.repeat(np.arange(len(n_sentences)), n_sentences)
    witnesses = _Witnesses(embeddings, text_of, n_sentences, is_asked=even < 1, n_alike=n_alike)
    share = even
    for _ in range(_N_ROUNDS):
        weight = witnesses.mean(share)
        share = weight / np.maximum(np.bincount(message, weights=weight)[message], 1e-12)
    return witnesses.mean(share) / np.maximum(witnesses.mean(even), 1e-12)


class _Witnesses:
    """What other messages say of each sentence, by the texts that are alike."""

    def __init__(
        self,
        embeddings: Floats,
        text_of: Indices,
        n_sentences: Sequence[int],
        *,
        is_asked: NDArray[np.bool_],
        n_alike: int,
    ) -> None:
        k = min(n_alike, len(embeddings) - 1)
        distinct = np.unique(text_of[is_asked])
        self._n_of_text = np.bincount(text_of, minlength=len(embeddings))
        near = np.full((len(embeddings), k), -1, dtype=np.intp)
        near[distinct] = nearest(
            embeddings[distinct], embeddings, k, without=(distinct, distinct + 1)
        )[0]
        near[np.arange(k) >= n_alike + 1 - self._n_of_text[:, None]] = -1
        first, second = _pairs(n_sentences)
        same = text_of[first] == text_of[second]
        alike = np.zeros(len(first), dtype=bool)
        for nth in near.T:  # by column: long messages have many pairs
            alike |= nth[text_of[first]] == text_of[second]
        self._text_of, self._near = text_of, near[text_of]
        self._same, self._alike = (
            (first[chosen], second[chosen]) for chosen in (same, alike & ~same)
        )
        own = sum(np.bincount(p[0], minlength=len(text_of)) for p in (self._same, self._alike))
        self._n = self._n_of_text[text_of] + (self._near >= 0).sum(axis=1) - own

    def mean(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """The mean `share` (m,) of the witnesses of each sentence (m,); 1 where there are none."""
        m = len(share)
        total = np.bincount(self._text_of, weights=share, minlength=len(self._n_of_text))
        of_text = np.append(total / self._n_of_text, 0.0)  # the last one stands for no text
        sums = total[self._text_of] + of_text[self._near].sum(axis=1)
        sums -= np.bincount(self._same[0], weights=share[self._same[1]], minlength=m)
        in_own = of_text[self._text_of[self._alike[1]]]
        sums -= np.bincount(self._alike[0], weights=in_own, minlength=m)
        return np.where(self._n > 0, np.maximum(sums, 0) / np.maximum(self._n, 1), 1.0)


def _pairs(n_sentences: Sequence[int]) -> tuple[Indices, Indices]:
    """The two sentences of every pair that is in one message; each with itself, too."""
    stops = np.cumsum(np.asarray(n_sentences, dtype=np.intp))
    starts = np.repeat(stops - n_sentences, n_sentences)
    n_mates = np.repeat(np.asarray(n_sentences, dtype=np.intp), n_sentences)
    first = np.repeat(np.arange(len(starts)), n_mates)
    nth = np.arange(len(first)) - np.repeat(np.cumsum(n_mates) - n_mates, n_mates)
    return first, starts[first] + nth


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
    runs = []
    for a, b in parts:
        start, stop = sentences[a][0], sentences[b - 1][1]
        runs.append((start, stop, _words_of(text, sentences[a:b])))
    runs.sort(key=lambda part: (-len(part[2]), part[0]))
    return [
        Passage(
            passage_id(message_id, n), message_id, n, start, stop, words, own_text(words).text_hash
        )
        for n, (start, stop, words) in enumerate(runs, 1)
    ]


def _words_of(text: str, sentences: Sequence[Span]) -> str:
    """The words of some sentences: as they stand, where nothing was left out between them."""
    words = text[sentences[0][0] : sentences[0][1]]
    for (_, before), (start, stop) in pairwise(sentences):
        between = text[before:start]
        words += (" " if between.strip() else between) + text[start:stop]
    return words
