"""Turn texts into sparse word and character counts, weighted by TF-IDF."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
_MANY = 1_000
"""From this many texts on, a term must occur in two of them: a rare one may be a person's name."""


@dataclass(frozen=True)
class Lexicon:
    """Words and word pairs, and character n-grams inside words; each half is scaled to length 1."""

    words: tuple[str, ...]
    word_idf: NDArray[np.float32]
    grams: tuple[str, ...]
    gram_idf: NDArray[np.float32]

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Lexicon":
        """Learn the terms of `texts`; there are none where no text has a word."""
        parts: list[Any] = []
        for kind in ("words", "grams"):
            vectoriser = _vectoriser(kind, min_df=2 if len(texts) >= _MANY else 1)
            try:
                vectoriser.fit(texts)
            except ValueError:  # no text holds a term
                parts += [(), np.zeros(0, np.float32)]
                continue
            parts += [
                tuple(vectoriser.get_feature_names_out().tolist()),
                vectoriser.idf_.astype(np.float32),
            ]
        return cls(*parts)

    def transform(self, texts: Sequence[str]) -> Any:
        """Return a CSR matrix (n, n_terms) float32."""
        from scipy.sparse import csr_matrix, hstack

        halves = [v.transform(texts) for v in self._vectorisers if v is not None]
        if not halves:
            return csr_matrix((len(texts), 0), dtype=np.float32)
        return hstack(halves, format="csr", dtype=np.float32)

    def arrays(self) -> Arrays:
        """Return the state from which `from_arrays` restores the lexicon."""
        return {
            "lexicon_words": packed(self.words),
            "lexicon_word_idf": self.word_idf,
            "lexicon_grams": packed(self.grams),
            "lexicon_gram_idf": self.gram_idf,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Lexicon":
        """Return the lexicon of `arrays`."""
        return cls(
            tuple(unpacked(arrays["lexicon_words"])),
            arrays["lexicon_word_idf"],
            tuple(unpacked(arrays["lexicon_grams"])),
            arrays["lexicon_gram_idf"],
        )

    @cached_property
    def _vectorisers(self) -> list[Any]:
        vectorisers = []
        for kind, terms, idf in (
            ("words", self.words, self.word_idf),
            ("grams", self.grams, self.gram_idf),
        ):
            if not terms:
                continue
            vectoriser = _vectoriser(kind, vocabulary={t: i for i, t in enumerate(terms)})
            vectoriser.idf_ = idf
            vectorisers.append(vectoriser)
        return vectorisers


def packed(value: Any) -> NDArray[np.uint8]:
    """Return JSON as an array of bytes, which loads without running code."""
    return np.frombuffer(json.dumps(value).encode(), dtype=np.uint8)


def unpacked(array: NDArray[Any]) -> Any:
    """Return the value that `packed` turned into `array`."""
    return json.loads(array.tobytes())


def _vectoriser(kind: str, **options: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    shared = {"sublinear_tf": True, "dtype": np.float32, **options}
    if kind == "words":
        return TfidfVectorizer(ngram_range=(1, 2), **shared)
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), **shared)
