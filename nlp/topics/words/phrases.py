"""The telling phrases of each cluster: class-based TF-IDF over lemmas and word runs.

A phrase begins and ends with a telling word, which is neither idle nor a number, and has at most
five words. Its weight is that of Grootendorst (2022): its frequency in its cluster against that in
all texts.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.text.clean import normalise
from nlp.topics.words.idle_words import BINDING, IDLE, INFORMATIVE, OBJECTS, PARTICLES

_MAX_WORDS = 5
_MAX_CHARS = 2_000
"""The rest of a long complaint seldom says what it is about, and costs as much to read."""
_MASKED = re.compile(r"x{2,}")
_CLITICS = frozenset(("n't", "'s", "'m", "'ve", "'re", "'ll", "'d"))

_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Some words that set a cluster apart."""

    surface: str
    """As customers write it most often, in lower case."""
    weight: float
    """Class-based TF-IDF, above 0."""
    n_telling: int
    """Number of its telling words, at least 1."""
    open_share: float
    """0..1: how often a telling word follows directly, as `card` follows `order a virtual`."""
    is_whole: bool
    """Whether only binding words stand between its telling words, so that it reads well."""


@dataclass(frozen=True, slots=True)
class _Token:
    surface: str
    lemma: str
    is_informative: bool
    is_particle: bool


@dataclass(slots=True)
class _Seen:
    """How a phrase was written in one cluster: form to count; how often it was open."""

    forms: Counter[str] = field(default_factory=Counter)
    n: int = 0
    n_open: int = 0


def phrases_by_cluster(
    texts: Sequence[str], labels: NDArray[np.intp], wanted: Sequence[int], *, most: int
) -> dict[int, list[Phrase]]:
    """Return the `most` strongest phrases of each cluster of `wanted`, strongest first.

    `labels` (n,) are the clusters of the texts, -1 = none; all texts are context. Equal texts
    are read once. No phrase contains a placeholder, a mask or a number.
    """
    total: Counter[_Key] = Counter()
    seen: dict[int, dict[_Key, _Seen]] = {c: defaultdict(_Seen) for c in wanted}
    members: dict[str, Counter[int]] = defaultdict(Counter)
    for text, cluster in zip(texts, labels.tolist(), strict=True):
        members[normalise(text)[:_MAX_CHARS]][cluster] += 1
    for text, clusters in members.items():
        n_texts = clusters.total()
        chosen = [(seen[c], n) for c, n in clusters.items() if c in seen]
        for key, surface, is_open in _ngrams(text):
            total[key] += n_texts
            for of_cluster, n in chosen:
                phrase = of_cluster[key]
                phrase.n += n
                phrase.n_open += n * is_open
                phrase.forms[surface] += n
    sizes = Counter(labels[labels >= 0].tolist())
    mean_size = len(texts) / max(len(sizes), 1)
    return {
        c: _strongest(seen[c], total, size=sizes[c], mean_size=mean_size, most=most) for c in wanted
    }


def is_informative(text: str) -> bool:
    """Whether any word of a text is telling: neither idle nor a number."""
    return any(token.is_informative for tokens in _runs(text) for token in tokens)


def _strongest(
    seen: dict[_Key, _Seen], total: Counter[_Key], *, size: int, mean_size: float, most: int
) -> list[Phrase]:
    least = 2 if size < 60 else max(3, size // 40)
    weights = {
        key: s.n / size * float(np.log1p(mean_size / total[key])) * (1 + 0.5 * (len(key) > 1))
        for key, s in seen.items()
        if s.n >= least
    }
    top = sorted(weights, key=lambda key: (-weights[key], key))[:most]
    return [_phrase(key, seen[key], weights[key]) for key in top]


def _phrase(key: _Key, seen: _Seen, weight: float) -> Phrase:
    whole = [form for form in seen.forms if _is_whole(form)]
    surface = min(whole or seen.forms, key=lambda form: (-seen.forms[form], form))
    open_share = min(seen.n_open / seen.n, 1.0)
    return Phrase(surface, weight, len(key), open_share, bool(whole))


def _is_whole(surface: str) -> bool:
    words = surface.split()
    return all(w in BINDING or _tells(w) for w in words[1:-1]) and words[0] not in PARTICLES


@lru_cache(maxsize=20_000)
def _ngrams(text: str) -> tuple[tuple[_Key, str, bool], ...]:
    """The distinct (lemmas, surface, whether a telling word follows) of a text.

    Cached, because a replay reads a text on every day of its window.
    """
    return tuple(dict.fromkeys(_occurrences(_runs(text))))


def _occurrences(runs: list[list[_Token]]) -> Iterator[tuple[_Key, str, bool]]:
    for tokens in runs:
        for start, first in enumerate(tokens):
            if not first.is_informative:
                continue
            for end in range(start, min(start + _MAX_WORDS, len(tokens))):
                closes = tokens[end].is_particle and tokens[end - 1].is_informative and end > start
                if not (tokens[end].is_informative or closes):
                    continue
                run = tokens[start : end + 1]
                key = (
                    tuple(t.lemma for t in run if t.is_informative) + (tokens[end].lemma,) * closes
                )
                if len(set(key)) == len(key):
                    yield key, " ".join(t.surface for t in run), _continues(tokens, end)


def _continues(tokens: list[_Token], end: int) -> bool:
    """Whether the word that follows belongs to this one: `virtual card`, `top up`, `gave me`."""
    if end + 1 == len(tokens):
        return False
    following = tokens[end + 1]
    is_object = following.surface in OBJECTS
    return (
        following.is_informative
        or is_object
        or (following.is_particle and tokens[end].is_informative)
    )


def _runs(text: str) -> list[list[_Token]]:
    """The runs of words of a text; numbers, punctuation and masks separate them."""
    runs: list[list[_Token]] = [[]]
    for token in _pipeline()(text):
        word = token.lower_.replace("\u2019", "'")
        if word in _CLITICS and runs[-1]:
            last = runs[-1].pop()
            # `card's` is as telling as `card`; `isn't` and `I've` are not telling.
            owner = last.is_informative and word == "'s"
            runs[-1].append(_token(last.surface + word, last.lemma, owner, is_particle=False))
        elif token.is_alpha and (len(word) > 1 or word in "ai") and not _MASKED.fullmatch(word):
            lemma = token.lemma_.lower() or word
            particle = word in PARTICLES
            runs[-1].append(_token(word, lemma, _tells(word), is_particle=particle))
        elif word != "-":  # `top-up` is `top up`
            runs.append([])
    return [run for run in runs if run]


@lru_cache(maxsize=100_000)
def _token(surface: str, lemma: str, is_informative: bool, *, is_particle: bool) -> _Token:
    """One object per word, however many texts are cached."""
    return _Token(surface, lemma, is_informative, is_particle)


@lru_cache(maxsize=100_000)
def _tells(word: str) -> bool:
    if word in INFORMATIVE:
        return True
    return not (word in IDLE or _pipeline().vocab[word].is_stop or word.endswith("n't"))


@lru_cache(maxsize=1)
def _pipeline() -> Any:
    """A blank English pipeline with the lookup lemmatiser: no trained model is needed."""
    import spacy

    pipeline = spacy.blank("en")
    pipeline.add_pipe("lemmatizer", config={"mode": "lookup"})
    pipeline.initialize()
    return pipeline
