"""Words for topics: keywords, a label and exemplars, from the messages themselves.

Keywords are the lemmas and phrases that set a cluster apart (class-based TF-IDF, Grootendorst
2022); the label is the phrase, in the words that customers used, that lies nearest the centroid.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from nlp.records import Floats
from nlp.text.clean import normalise
from nlp.topics.assign import centroid_of
from nlp.topics.graph import thin
from nlp.topics.phrases import Phrase, phrases_by_cluster, tells

_N_KEYWORDS = 8
_N_EXEMPLARS = 5
_MAX_READ = 300
"""Messages of a cluster whose words are counted, at most."""
_MAX_COMPARED = 2_000
"""Messages of the other clusters that these are compared with, at most."""
_SAME_PHRASE = 85
"""Token-set similarity from which two phrases say the same."""
# What makes a phrase a label, beside its cosine with the centroid. Chosen on Banking77 train:
# label@1 is .62 there with these, .57 without the lead; other changes moved it by .01 to .04.
_LEAD_WEIGHT = 1.0
"""Lying nearer to its own centroid than to any other; 0: labels of siblings are alike."""
_FREQUENCY_WEIGHT = 0.2
"""Being frequent; at 0 labels become rare quotations, at 1 common words."""
_TELLING_WEIGHT = 0.1
"""Each telling word, up to three: `card payment fee` says more than `fee`."""
_OPEN_WEIGHT = 0.2
"""Breaking off, which counts against it: `order a virtual` is always followed by `card`."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a person sees of a cluster."""

    label: str
    keywords: tuple[str, ...]
    exemplars: tuple[int, ...]
    """Indices of messages, the nearest to the centroid first."""


def describe(
    texts: Sequence[str],
    embeddings: Floats,
    labels: NDArray[np.intp],
    *,
    encode: Callable[[Sequence[str]], Floats],
    only: Collection[int] | None = None,
    standing: Mapping[int, str] = MappingProxyType({}),
    fixed: Collection[int] = (),
    taken: Collection[str] = (),
) -> dict[int, Description]:
    """Describe the clusters `only` (default: all) of `labels` (n,), -1 = unclustered.

    `texts` are redacted, `embeddings` (n, d). No label repeats another or one of `taken`; none
    holds a placeholder, a mask, only stop words or only digits. A label of `standing` stays while
    it is among the strongest phrases of its cluster, and whatever these are for the clusters
    `fixed`.
    """
    wanted = sorted(set(range(int(labels.max(initial=-1)) + 1)) if only is None else only)
    read = _to_read(labels, wanted)
    phrases = phrases_by_cluster([texts[i] for i in read], labels[read], wanted)
    kept = {c: s for c, s in standing.items() if c in fixed or _is_said(s, phrases[c])}
    surfaces = sorted({p.surface for c in wanted if c not in kept for p in phrases[c]})
    vectors = dict(zip(surfaces, encode(surfaces), strict=True)) if surfaces else {}
    used = {t.casefold() for t in taken}
    described = {}
    members = {int(c): np.flatnonzero(labels == c) for c in np.unique(labels[labels >= 0])}
    row = {cluster: n for n, cluster in enumerate(members)}
    centroids = [centroid_of(embeddings[rows]) for rows in members.values()]
    for cluster in wanted:
        exemplars = _exemplars(members[cluster], embeddings, centroids[row[cluster]])
        free = [p for p in phrases[cluster] if _is_free(p.surface, used)]
        if cluster in kept:
            label = kept[cluster]
        elif free:
            near = np.stack([vectors[p.surface] for p in free]) @ np.stack(centroids).T
            label = _label(free, near, own=row[cluster])
        elif cluster in standing:  # nothing better is left
            label = standing[cluster]
        else:
            label = _fallback([texts[i] for i in exemplars], used)
        used.add(label.casefold())
        described[cluster] = Description(label, _keywords(phrases[cluster]), exemplars)
    return described


def _to_read(labels: NDArray[np.intp], wanted: Sequence[int]) -> list[int]:
    """A bounded share of the messages of each cluster, and of all others for comparison."""
    groups = {int(c): np.flatnonzero(labels == c).tolist() for c in np.unique(labels)}
    own = [i for c in wanted for i in groups.pop(c, [])[:_MAX_READ]]
    return sorted(own + thin(groups.values(), _MAX_COMPARED))


def _is_free(surface: str, used: Collection[str]) -> bool:
    return all(fuzz.token_sort_ratio(surface, u) < _SAME_PHRASE for u in used)


def _is_said(label: str, phrases: Sequence[Phrase]) -> bool:
    """Whether a label is among the phrases; where there are none, nothing speaks against it."""
    said = (fuzz.token_sort_ratio(label.casefold(), p.surface) for p in phrases)
    return not phrases or any(likeness >= _SAME_PHRASE for likeness in said)


def _label(phrases: Sequence[Phrase], near: Floats, *, own: int) -> str:
    """The best of phrases that read well, else of all; `near` (phrases, clusters) is cosine."""
    lead = near[:, own] - np.delete(near, own, axis=1).max(axis=1, initial=-1.0)
    heaviest = max(p.weight for p in phrases)

    def value(n: int) -> tuple[bool, float, str]:
        p = phrases[n]
        worth = (
            float(near[n, own])
            + _LEAD_WEIGHT * float(lead[n])
            + _FREQUENCY_WEIGHT * p.weight / heaviest
            + _TELLING_WEIGHT * min(p.n_telling, 3)
            - _OPEN_WEIGHT * p.open_share
        )
        return p.is_whole, worth, p.surface

    surface = phrases[max(range(len(phrases)), key=value)].surface
    return surface[0].upper() + surface[1:]


def _fallback(texts: Sequence[str], used: Collection[str]) -> str:
    """The beginning of an exemplar, numbered where that is taken, for want of a phrase."""
    openings = [" ".join(normalise(t).split()[:6])[:60] for t in texts]
    spoken = [o for o in openings if o]
    telling = [o for o in spoken if tells(o)]
    # Stop words or digits alone would read like a slip.
    untold = f"Messages like \u201c{spoken[0]}\u201d" if spoken else "Messages"
    base = telling[0] if telling else untold
    label, n = base, 2
    while label.casefold() in used:
        label, n = f"{base} ({n})", n + 1
    return label


def _keywords(phrases: Sequence[Phrase]) -> tuple[str, ...]:
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
