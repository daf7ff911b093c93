"""Detect the language of a text; in doubt, assume a supported one."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from nlp.errors import SettingError

_CANDIDATES = [
    "ar",
    "bg",
    "bn",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "fi",
    "fr",
    "he",
    "hi",
    "hu",
    "id",
    "it",
    "ja",
    "ko",
    "nl",
    "no",
    "pl",
    "pt",
    "ro",
    "ru",
    "sv",
    "th",
    "tr",
    "uk",
    "vi",
    "zh",
]
_WORD = re.compile(r"[^\W\d_]{2,}")


class LanguageDetector:
    """Detects languages; a text in doubt counts as one in the first supported language.

    A wrong "not English" keeps a customer's message out of its theme. So another language is
    reported only from `min_words` words on, and only where the supported languages together have
    a probability of at most `max_doubt`. At .04 over 30 common languages, none of 25,324 English
    texts (Banking77, HWU64, DSTC11 insurance) is misjudged and 209 of 210 sentences in 24 other
    languages are detected; at .1 six English texts are misjudged, at .2 it is 27. Requiring one
    certain other language instead misses short texts whose language has a close relative.
    """

    def __init__(
        self,
        supported: Sequence[str] = ("en",),
        *,
        min_words: int = 4,
        max_doubt: float = 0.04,
    ) -> None:
        self.supported = tuple(supported)
        self.min_words = min_words
        self.max_doubt = max_doubt

    def detect(self, text: str) -> str:
        """Return an ISO 639-1 code; `und` for a text without letters and digits."""
        words = _WORD.findall(text[:2_000])
        if not words:
            return "und" if not any(c.isalnum() for c in text) else self.supported[0]
        if len(words) < self.min_words and " ".join(words).isascii():
            return self.supported[0]
        ranked = self._identifier.rank(" ".join(words).lower())
        best = str(ranked[0][0])
        doubt = sum(probability for code, probability in ranked if code in self.supported)
        return best if best in self.supported or doubt <= self.max_doubt else self.supported[0]

    @property
    def _identifier(self) -> Any:
        return _identifier(tuple(sorted({*_CANDIDATES, *self.supported})))


@lru_cache(maxsize=4)
def _identifier(languages: tuple[str, ...]) -> Any:
    """Load py3langid for these languages, once per process: it takes half a second."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    try:
        identifier.set_languages(languages)
    except ValueError as error:
        unknown = ", ".join(sorted(set(languages) - set(identifier.labels)))
        raise SettingError(
            f"TRIAGE_LANGUAGES: takes ISO 639-1 codes such as en,de. Was: {unknown}"
        ) from error
    return identifier
