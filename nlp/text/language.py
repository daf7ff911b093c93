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
_PARAGRAPH = re.compile(r"\n[ \t]*\n")


class LanguageDetector:
    """Detects languages; a text in doubt counts as one in the first supported language.

    A wrong "not English" keeps a customer's message out of its theme. So another language is
    reported only from `min_words` words on, and only where the supported languages together have
    a probability of at most `max_doubt`. At .04 over 30 common languages, none of 25,324 English
    texts (Banking77, HWU64, DSTC11 insurance) is misjudged and 209 of 210 sentences in 24 other
    languages are detected; at .1 six English texts are misjudged, at .2 it is 27. Requiring one
    certain other language instead misses short texts whose language has a close relative.

    A notice in another language below a message does not make it one: it is in a supported language
    where one of its paragraphs is, as much beyond doubt.
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
        text = text[:2_000]
        words = _WORD.findall(text)
        if not words:
            return "und" if not any(c.isalnum() for c in text) else self.supported[0]
        if len(words) < self.min_words and " ".join(words).isascii():
            return self.supported[0]
        best, doubt = self._best(words)
        if best in self.supported:
            return best
        if doubt > self.max_doubt:
            return self.supported[0]
        paragraphs = [_WORD.findall(p) for p in _PARAGRAPH.split(text)]
        for paragraph in paragraphs if len(paragraphs) > 1 else []:
            if len(paragraph) >= self.min_words:
                code, share = self._best(paragraph)
                if code in self.supported and share >= 1 - self.max_doubt:
                    return code
        return best

    def _best(self, words: Sequence[str]) -> tuple[str, float]:
        """The likeliest language, and the probability of the supported ones together."""
        ranked = self._identifier.rank(" ".join(words).lower())
        return str(ranked[0][0]), sum(p for code, p in ranked if code in self.supported)

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
