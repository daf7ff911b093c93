"""Answer single texts as the batch would: redact, tell the language, embed, predict."""

import threading
from dataclasses import dataclass

import numpy as np

from nlp.clean import clean, normalise
from nlp.errors import ModelError
from nlp.intents.data import Inputs
from nlp.intents.model import IntentModel, load
from nlp.language import LanguageDetector
from nlp.ports import Encoder, IntentStore
from nlp.records import Floats
from nlp.redact import Redactor
from nlp.settings import Settings


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of one text."""

    intent: str | None
    probability: float
    runners_up: tuple[tuple[str, float], ...]
    abstained: bool
    reason: str | None
    language: str
    model_version: str


class Answerer:
    """Holds redactor, language detector, encoder and the model in service."""

    def __init__(self, store: IntentStore, encoder: Encoder, *, settings: Settings) -> None:
        self._store = store
        self._encoder = encoder
        self._settings = settings
        self._redactor = Redactor(region=settings.redact_region, spacy_model=settings.spacy_model)
        self._languages = LanguageDetector(settings.languages)
        self._model: IntentModel | None = None
        self._lock = threading.Lock()

    @property
    def version(self) -> str | None:
        """The model that is loaded."""
        return self._model.version if self._model else None

    def refresh(self) -> bool:
        """Load the champion if it is another than the one loaded; say whether it was.

        Raises ModelError where it cannot be used: the one loaded stays.
        """
        with self._lock:
            if self._store.champion_version() == self.version:
                return False
            champion = self._store.champion()
            if champion is None:
                return False
            model = load(champion[1])
            if model.encoder != self._encoder.name:
                raise ModelError(
                    f"Model {model.version} reads embeddings of {model.encoder}, the settings say "
                    f"{self._encoder.name}: train anew or set TRIAGE_ENCODER and "
                    "TRIAGE_PRECISION back"
                )
            self._model = model
            return True

    def predict(self, texts: list[str]) -> list[Answer]:
        """Answer each text. Raises ModelError before the first model is in service."""
        if self._model is None:
            self.refresh()
        model = self._model
        if model is None:
            raise ModelError("No model is in service. `triage train EXAMPLES` makes one")
        redacted = [self._redactor.redact(clean(t)).text for t in texts]
        languages = [self._languages.detect(t) for t in redacted]
        known = [i for i, code in enumerate(languages) if code in self._settings.languages]
        words = [normalise(redacted[i]) or redacted[i] for i in known]
        # Rounded as Postgres keeps them, so that the batch and this agree.
        rows = self.embed(words).astype(np.float16).astype(np.float32)
        found = model.predict(
            [str(i) for i in known], Inputs(words, rows), threshold=self._settings.intent_threshold
        )
        answers = [
            Answer(None, 0.0, (), True, "unsupported_language", code, model.version)
            for code in languages
        ]
        for i, p in zip(known, found, strict=True):
            answers[i] = Answer(
                p.intent,
                p.probability,
                p.runners_up,
                p.abstained,
                p.reason,
                languages[i],
                model.version,
            )
        return answers

    def embed(self, texts: list[str]) -> Floats:
        """Return (len(texts), dimension) of texts that are redacted already."""
        return self._encoder.encode(texts)

    def embed_raw(self, texts: list[str]) -> Floats:
        """Likewise of texts as a customer wrote them."""
        redacted = [self._redactor.redact(clean(t)).text for t in texts]
        return self.embed([normalise(t) or t for t in redacted])
