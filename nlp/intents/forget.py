"""Take texts out of a trained model, whose artefact keeps their embeddings and their words.

The rest of the model stays as it is: it answers other texts as before, but for those that lie next
to a text that it forgets. It is no training without them; the next training is.
"""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nlp.errors import ModelError
from nlp.intents.kernel import KernelScorer
from nlp.intents.lexicon import Lexicon
from nlp.intents.linear import LinearScorer
from nlp.intents.model import load
from nlp.records import Floats

_SAME = 0.9999
"""Cosine from which two embeddings, rounded to half precision, are of one text."""


def forget(artefact: bytes, *, words: Collection[str], vectors: Floats) -> bytes:
    """Return an artefact without the embeddings `vectors` (n, d) and terms that have `words`.

    Where nothing of them is in it, it is returned as it is. One that this version cannot read
    becomes empty: it is not in service, and nobody can say what is in it.
    """
    try:
        model = load(artefact)
    except ModelError:
        return b""
    known = model.neighbours.embeddings
    has_vectors = len(vectors) and vectors.shape[1] == known.shape[1]
    rows = _alike(known, vectors) if has_vectors else np.zeros(len(known), dtype=bool)
    scorer, changed = model.scorer, bool(rows.any())
    if isinstance(scorer, KernelScorer):
        own = scorer.embeddings
        gone = _alike(own, vectors) if has_vectors else np.zeros(len(own), dtype=bool)
        lexicon, kept = _without(scorer.lexicon, words)
        changed = changed or bool(gone.any()) or not kept.all()
        # A row of zeros is no neighbour, and counts for nothing without its weights.
        scorer = replace(
            scorer,
            embeddings=np.where(gone[:, None], 0, own),
            alpha=np.where(gone[:, None], 0, scorer.alpha),
            lexicon=lexicon,
            words=scorer.words[kept],
        )
    elif isinstance(scorer, LinearScorer) and scorer.lexicon and scorer.words is not None:
        lexicon, kept = _without(scorer.lexicon, words)
        changed = changed or not kept.all()
        scorer = replace(scorer, lexicon=lexicon, words=scorer.words[kept])
    if not changed:
        return artefact
    neighbours = replace(model.neighbours, embeddings=np.where(rows[:, None], 0, known))
    return replace(model, scorer=scorer, neighbours=neighbours).dump()


def terms_of(artefact: bytes) -> set[str]:
    """Return the words of the terms that an artefact keeps; none where it cannot be read."""
    try:
        scorer = load(artefact).scorer
    except ModelError:
        return set()
    lexicon = getattr(scorer, "lexicon", None)
    return {word for term in lexicon.words for word in term.split()} if lexicon else set()


def _alike(rows: Floats, vectors: Floats) -> NDArray[np.bool_]:
    if not len(rows):
        return np.zeros(0, dtype=bool)
    alike: NDArray[np.bool_] = (rows @ vectors.T).max(axis=1) > _SAME
    return alike


def _without(lexicon: Lexicon, words: Collection[str]) -> tuple[Lexicon, NDArray[np.bool_]]:
    """The lexicon without the terms that have one of `words`, and which of all terms are kept."""
    gone = set(words)
    kept = np.array([gone.isdisjoint(t.split()) for t in lexicon.words], dtype=bool)
    terms = tuple(t for t, is_kept in zip(lexicon.words, kept, strict=True) if is_kept)
    rest = replace(lexicon, words=terms, word_idf=lexicon.word_idf[kept])
    return rest, np.append(kept, np.ones(len(lexicon.grams), dtype=bool))
