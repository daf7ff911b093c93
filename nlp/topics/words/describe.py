"""Words for topics: keywords, a label and exemplars, from the messages themselves.

Keywords are the lemmas and phrases that set a cluster apart (class-based TF-IDF, Grootendorst
2022); the label is the phrase, in the words that customers used, that lies nearest the centroid.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from nlp.records import Floats
from nlp.text.clean import normalise
from nlp.text.personal.names import holds_name
from nlp.topics.assign import centroid_of
from nlp.topics.graph import thin
from nlp.topics.words.config import WordConfig
from nlp.topics.words.phrases import Phrase, is_informative, phrases_by_cluster


@dataclass(frozen=True, slots=True)
class Description:
    """What a person sees of a cluster."""

    label: str
    keywords: tuple[str, ...]
    exemplars: tuple[int, ...]
    """Indices of messages, the nearest to the centroid first."""


@dataclass(frozen=True, slots=True)
class ExistingLabels:
    """The labels that exist already."""

    standing: Mapping[int, str] = field(default_factory=dict)
    """Cluster to its label, which stays while it is among the cluster's strongest phrases."""
    fixed: Collection[int] = ()
    """Clusters whose label stays in any case."""
    taken: Collection[str] = ()
    """Labels that no cluster may get."""


NO_LABELS = ExistingLabels()


def describe(
    texts: Sequence[str],
    embeddings: Floats,
    labels: NDArray[np.intp],
    *,
    encode: Callable[[Sequence[str]], Floats],
    config: WordConfig,
    only: Collection[int] | None = None,
    given: ExistingLabels = NO_LABELS,
) -> dict[int, Description]:
    """Describe the clusters `only` (default: all) of `labels` (n,), -1 = unclustered.

    `texts` are redacted, `embeddings` (n, d). No label equals another or a taken one; none contains
    a placeholder, a mask or a person's name, or consists of stop words or digits alone.
    """
    wanted = sorted(set(range(int(labels.max(initial=-1)) + 1)) if only is None else only)
    read = _to_read(labels, wanted, config)
    own = [texts[i] for i in read]
    by_cluster = phrases_by_cluster(own, labels[read], wanted, most=config.n_phrases)
    phrases = {c: [p for p in ps if not holds_name(p.surface)] for c, ps in by_cluster.items()}
    kept = {c: s for c, s in given.standing.items() if _stays(c, s, phrases[c], given, config)}
    surfaces = sorted({p.surface for c in wanted if c not in kept for p in _readable(phrases[c])})
    vectors = dict(zip(surfaces, encode(surfaces), strict=True)) if surfaces else {}
    used = {t.casefold() for t in given.taken}
    described: dict[int, Description] = {}
    members = {int(c): np.flatnonzero(labels == c) for c in np.unique(labels[labels >= 0])}
    centroids = [centroid_of(embeddings[rows]) for rows in members.values()]
    for cluster in wanted:
        n = list(members).index(cluster)
        exemplars = _exemplars(members[cluster], embeddings, centroids[n], config)
        free = _free(phrases[cluster], vectors, used, config)
        if cluster in kept:
            label = kept[cluster]
        elif free:
            label = _label(free, vectors, centroids, own=n, config=config)
        else:  # nothing better is left
            label = given.standing.get(cluster) or _fallback([texts[i] for i in exemplars], used)
        used.add(label.casefold())
        described[cluster] = Description(label, _keywords(phrases[cluster], config), exemplars)
    return described


def _to_read(labels: NDArray[np.intp], wanted: Sequence[int], config: WordConfig) -> list[int]:
    """A bounded share of the messages of each cluster, and of all others for comparison."""
    groups = {int(c): np.flatnonzero(labels == c).tolist() for c in np.unique(labels)}
    own = [i for c in wanted for i in groups.pop(c, [])[: config.n_read]]
    return sorted(own + thin(groups.values(), 10 * config.n_read))


def _readable(phrases: Sequence[Phrase]) -> Sequence[Phrase]:
    """Those that read well; all where none does. No other can become a label."""
    return [p for p in phrases if p.is_whole] or phrases


def _free(
    phrases: Sequence[Phrase],
    vectors: Mapping[str, Floats],
    used: Collection[str],
    config: WordConfig,
) -> list[Phrase]:
    """Those with a vector that resemble no label in use."""
    return [
        p
        for p in phrases
        if p.surface in vectors
        and all(fuzz.token_sort_ratio(p.surface, u) < config.same_phrase for u in used)
    ]


def _stays(
    cluster: int, label: str, phrases: Sequence[Phrase], given: ExistingLabels, config: WordConfig
) -> bool:
    return cluster in given.fixed or _is_said(label, phrases, config)


def _is_said(label: str, phrases: Sequence[Phrase], config: WordConfig) -> bool:
    """Whether a label is among the phrases; True where there are none."""
    ratios = (fuzz.token_sort_ratio(label.casefold(), p.surface) for p in phrases)
    return not phrases or any(likeness >= config.same_phrase for likeness in ratios)


def _label(
    phrases: Sequence[Phrase],
    vectors: Mapping[str, Floats],
    centroids: Sequence[Floats],
    *,
    own: int,
    config: WordConfig,
) -> str:
    """The best of phrases that read well, else of all, for the cluster `own` of `centroids`."""
    near = np.stack([vectors[p.surface] for p in phrases]) @ np.stack(centroids).T
    lead = near[:, own] - np.delete(near, own, axis=1).max(axis=1, initial=-1.0)
    heaviest = max(p.weight for p in phrases)

    def value(n: int) -> tuple[bool, float, str]:
        p = phrases[n]
        worth = (
            float(near[n, own])
            + float(lead[n])
            + config.form_weight * p.weight / heaviest
            + config.form_weight / 2 * min(p.n_telling, 3)
            - config.form_weight * p.open_share
        )
        return p.is_whole, worth, p.surface

    surface = phrases[max(range(len(phrases)), key=value)].surface
    return surface[0].upper() + surface[1:]


def _fallback(texts: Sequence[str], used: Collection[str]) -> str:
    """A label where no phrase is left: the beginning of an exemplar, numbered if that is taken."""
    openings = [" ".join(normalise(t).split()[:6])[:60] for t in texts]
    spoken = [o for o in openings if o]
    informative = [o for o in spoken if is_informative(o)]
    # Stop words or digits alone would look like a mistake.
    generic = f"Messages like \u201c{spoken[0]}\u201d" if spoken else "Messages"
    base = informative[0] if informative else generic
    label, n = base, 2
    while label.casefold() in used:
        label, n = f"{base} ({n})", n + 1
    return label


def _keywords(phrases: Sequence[Phrase], config: WordConfig) -> tuple[str, ...]:
    """The strongest phrases, without those that say the same as a stronger one."""
    kept: list[str] = []
    for phrase in phrases:
        if all(fuzz.token_set_ratio(phrase.surface, k) < config.same_phrase for k in kept):
            kept.append(phrase.surface)
        if len(kept) == config.n_keywords:
            break
    return tuple(kept)


def _exemplars(
    members: NDArray[np.intp], embeddings: Floats, centroid: Floats, config: WordConfig
) -> tuple[int, ...]:
    """Messages near the centroid and unlike one another (maximal marginal relevance)."""
    near = embeddings[members] @ centroid
    pool = members[np.lexsort((members, -near))][: 10 * config.n_exemplars]
    chosen: list[int] = []
    while len(chosen) < min(config.n_exemplars, len(pool)):
        relevance = embeddings[pool] @ centroid
        repeats = (embeddings[pool] @ embeddings[chosen].T).max(axis=1) if chosen else 0.0
        value = relevance - 0.5 * repeats
        value[np.isin(pool, chosen)] = -np.inf
        chosen.append(int(pool[int(value.argmax())]))
    return tuple(chosen)
