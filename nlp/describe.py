"""Words for topics: keywords, a label and exemplars, from the messages themselves.

Keywords are the lemmas and phrases that set a cluster apart (class-based TF-IDF, Grootendorst
2022); the label is the phrase, in the words that customers used, that lies nearest the centroid.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from nlp.assign import centroid_of
from nlp.clean import normalise
from nlp.records import Floats

_MAX_WORDS = 4
_N_CANDIDATES = 30
_N_KEYWORDS = 8
_N_EXEMPLARS = 5
_SAME_PHRASE = 85
"""Token-set similarity from which two phrases say the same."""
_FREQUENCY_WEIGHT = 0.3
"""How much being frequent counts against being near the centroid, both 0..1; chosen on Banking77
train: at 0 labels become rare quotations, at 1 single common words."""
# Words of courtesy and complaint that every topic shares; the language's stop words come on top.
_IDLE = frozenset(
    [
        "please",
        "pls",
        "thanks",
        "thank",
        "hello",
        "hi",
        "hey",
        "regards",
        "dear",
        "sir",
        "madam",
        "help",
        "want",
        "need",
        "like",
        "know",
        "tell",
        "think",
        "im",
        "ive",
        "dont",
        "cant",
        "doesnt",
        "didnt",
        "isnt",
        "wont",
        "youre",
        "thats",
        "whats",
        "got",
        "get",
        "getting",
        "do",
        "does",
        "did",
        "hope",
        "ask",
        "question",
        "would",
        "could",
        "should",
        "kindly",
        "asap",
        "urgently",
        "today",
        "yesterday",
    ]
)


@dataclass(frozen=True, slots=True)
class Description:
    """What a person sees of a cluster."""

    label: str
    keywords: tuple[str, ...]
    exemplars: tuple[int, ...]
    """Indices of messages, the nearest to the centroid first."""


@dataclass(frozen=True, slots=True)
class _Token:
    surface: str
    lemma: str
    idle: bool


@dataclass(frozen=True, slots=True)
class _Phrase:
    surface: str
    weight: float


def describe(
    texts: Sequence[str],
    embeddings: Floats,
    labels: NDArray[np.intp],
    *,
    encode: Callable[[Sequence[str]], Floats],
    only: Collection[int] | None = None,
    taken: Collection[str] = (),
) -> dict[int, Description]:
    """Describe the clusters `only` (default: all) of `labels` (n,), -1 = unclustered.

    `texts` are redacted, `embeddings` (n, d). No label repeats another or one of `taken`; none
    holds a placeholder, a mask, only stop words or only digits.
    """
    wanted = sorted(set(range(int(labels.max(initial=-1)) + 1)) if only is None else only)
    phrases = _phrases_by_cluster(texts, labels, wanted)
    surfaces = sorted({p.surface for found in phrases.values() for p in found})
    vectors = dict(zip(surfaces, encode(surfaces), strict=True)) if surfaces else {}
    used = {t.casefold() for t in taken}
    described = {}
    for cluster in wanted:
        members = np.flatnonzero(labels == cluster)
        centroid = centroid_of(embeddings[members])
        exemplars = _exemplars(members, embeddings, centroid)
        label = _label(phrases[cluster], vectors, centroid, used) or _fallback(
            [texts[i] for i in exemplars], used
        )
        used.add(label.casefold())
        described[cluster] = Description(label, _keywords(phrases[cluster]), exemplars)
    return described


def _phrases_by_cluster(
    texts: Sequence[str], labels: NDArray[np.intp], wanted: Sequence[int]
) -> dict[int, list[_Phrase]]:
    """The strongest phrases of each wanted cluster, by class-based TF-IDF, strongest first."""
    frequency: dict[int, Counter[tuple[str, ...]]] = defaultdict(Counter)
    total: Counter[tuple[str, ...]] = Counter()
    forms: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    tokenised = _tokenise([normalise(t)[:2_000] for t in texts])
    for cluster, sentences in zip(labels.tolist(), tokenised, strict=True):
        found = dict(_ngrams(sentences))
        total.update(found.keys())
        if cluster >= 0:
            frequency[cluster].update(found.keys())
            for key, surface in found.items():
                forms[key][surface] += 1
    sizes = Counter(labels[labels >= 0].tolist())
    mean_size = len(texts) / max(len(sizes), 1)
    best: dict[int, list[_Phrase]] = {}
    for cluster in wanted:
        least = 2 if sizes[cluster] < 40 else max(3, sizes[cluster] // 40)
        weights = {
            key: n / sizes[cluster] * np.log1p(mean_size / total[key]) * (1 + 0.5 * (len(key) > 1))
            for key, n in frequency[cluster].items()
            if n >= least
        }
        top = sorted(weights, key=lambda key: (-weights[key], key))[:_N_CANDIDATES]
        best[cluster] = [
            _Phrase(min(forms[k].items(), key=lambda f: (-f[1], f[0]))[0], float(weights[k]))
            for k in top
        ]
    return best


def _ngrams(sentences: list[list[_Token]]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (lemmas, surface) of each run of 1 to 4 words that is bounded by telling ones."""
    for tokens in sentences:
        for start, first in enumerate(tokens):
            if first.idle:
                continue
            for end in range(start, min(start + _MAX_WORDS, len(tokens))):
                if tokens[end].idle:
                    continue
                run = tokens[start : end + 1]
                key = tuple(t.lemma for t in run if not t.idle)
                if len(set(key)) == len(key):
                    yield key, " ".join(t.surface for t in run)


def _label(
    phrases: Sequence[_Phrase], vectors: dict[str, Any], centroid: Floats, used: Collection[str]
) -> str | None:
    free = [
        p
        for p in phrases
        if not any(fuzz.token_sort_ratio(p.surface, u) >= _SAME_PHRASE for u in used)
    ]
    if not free:
        return None
    heaviest = max(p.weight for p in free)

    def score(phrase: _Phrase) -> float:
        near = float(vectors[phrase.surface] @ centroid)
        return near + _FREQUENCY_WEIGHT * phrase.weight / heaviest

    surface = max(free, key=lambda p: (score(p), p.surface)).surface
    return surface[0].upper() + surface[1:]


def _fallback(texts: Sequence[str], used: Collection[str]) -> str:
    """The beginning of an exemplar, numbered where that is taken, for want of a phrase."""
    openings = [" ".join(normalise(t).split()[:6])[:60] for t in texts]
    spoken = [o for o in openings if o]
    telling = [o for o in spoken if _tells(o)]
    # Stop words or digits alone would read like a slip.
    untold = f"Messages like \u201c{spoken[0]}\u201d" if spoken else "Messages"
    base = telling[0] if telling else untold
    label, n = base, 2
    while label.casefold() in used:
        label, n = f"{base} ({n})", n + 1
    return label


def _tells(text: str) -> bool:
    """Whether some word of a text is neither idle nor a number."""
    (sentences,) = _tokenise([text])
    return any(not token.idle for tokens in sentences for token in tokens)


def _keywords(phrases: Sequence[_Phrase]) -> tuple[str, ...]:
    """The strongest phrases, those that say the same folded into the first."""
    kept: list[str] = []
    for phrase in phrases:
        if all(fuzz.token_set_ratio(phrase.surface, k) < _SAME_PHRASE for k in kept):
            kept.append(phrase.surface)
        if len(kept) == _N_KEYWORDS:
            break
    return tuple(kept)


def _exemplars(members: NDArray[np.intp], embeddings: Floats, centroid: Floats) -> tuple[int, ...]:
    """Messages near the centroid and unlike one another (maximal marginal relevance)."""
    near = embeddings[members] @ centroid
    pool = members[np.lexsort((members, -near))][:50]
    chosen: list[int] = []
    while len(chosen) < min(_N_EXEMPLARS, len(pool)):
        relevance = embeddings[pool] @ centroid
        repeats = (embeddings[pool] @ embeddings[chosen].T).max(axis=1) if chosen else 0.0
        value = relevance - 0.5 * repeats
        value[np.isin(pool, chosen)] = -np.inf
        chosen.append(int(pool[int(value.argmax())]))
    return tuple(chosen)


def _tokenise(texts: Sequence[str]) -> Iterator[list[list[_Token]]]:
    """Yield the sentences of each text, as runs of words; numbers and marks divide them."""
    pipeline = _pipeline()
    for doc in pipeline.pipe(texts):
        runs: list[list[_Token]] = [[]]
        for token in doc:
            if token.is_alpha and len(token) > 1 and not _MASKED.fullmatch(token.lower_):
                lemma = token.lemma_.lower() or token.lower_
                idle = token.is_stop or token.lower_ in _IDLE
                runs[-1].append(_Token(token.lower_, lemma, idle))
            elif token.lower_ in _CLITICS and runs[-1]:
                last = runs[-1][-1]
                joined = last.surface + token.lower_.replace("\u2019", "'")
                runs[-1][-1] = _Token(joined, last.lemma, last.idle)
            elif len(token) > 1 or not token.is_alpha:
                runs.append([])
        yield [run for run in runs if run]


_MASKED = re.compile(r"x{2,}")
_CLITICS = frozenset(("n't", "n\u2019t", "'s", "\u2019s", "'m", "'ve", "'re", "'ll", "'d"))


@lru_cache(maxsize=1)
def _pipeline() -> Any:
    """A blank English pipeline with the lookup lemmatiser: no trained model is needed."""
    import spacy

    pipeline = spacy.blank("en")
    pipeline.add_pipe("lemmatizer", config={"mode": "lookup"})
    pipeline.initialize()
    return pipeline
