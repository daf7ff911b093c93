"""Answer single texts as the batch would: redact, tell the language, embed, predict.

A text that the batch embedded is answered from that embedding, so intent, reason and abstention
are the batch's and a probability differs by one in the fourth decimal at most (a sum of floats
depends on what else is multiplied with it). A text that nobody embedded yet is embedded here, and
in bfloat16 its last bits depend on what else is embedded with it: there the batch may differ later.
"""

import logging
import threading
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from nlp.errors import ModelError
from nlp.intents.data import Inputs
from nlp.intents.model import IntentModel, load
from nlp.ports import Encoder, IntentStore, MessageStore
from nlp.records import Floats
from nlp.settings import Settings
from nlp.states import Abstention
from nlp.text.clean import clean
from nlp.text.language import LanguageDetector
from nlp.text.own import OwnText, own_text
from nlp.text.redact import Redactor

_log = logging.getLogger(__name__)


class AnswerStore(IntentStore, MessageStore, Protocol):
    """What answering needs kept: the model in service, and embeddings of known texts."""


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

    def __init__(self, store: AnswerStore, encoder: Encoder, *, settings: Settings) -> None:
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
            # The first prediction builds tables; whoever asks first should not wait for them.
            model.predict(["warm"], Inputs(["warm"], self.embed(["warm"])))
            self._model = model
            return True

    def predict(self, texts: list[str]) -> list[Answer]:
        """Answer each text. Raises ModelError before the first model is in service."""
        if self._model is None:
            self.refresh()
        model = self._model
        if model is None:
            raise ModelError("No model is in service. `triage train EXAMPLES` makes one")
        own = self._own(texts)
        languages = [self._languages.detect(one.embedded) for one in own]
        known = [i for i, code in enumerate(languages) if code in self._settings.languages]
        found = model.predict(
            [str(i) for i in known],
            self._inputs([own[i] for i in known]),
            threshold=self._settings.intent_threshold,
        )
        answers = [
            Answer(None, 0.0, (), True, Abstention.UNSUPPORTED_LANGUAGE, code, model.version)
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

    def _own(self, texts: list[str]) -> list[OwnText]:
        return [own_text(self._redactor.redact(clean(t)).text) for t in texts]

    def _inputs(self, own: list[OwnText]) -> Inputs:
        """Words and embeddings: those that the batch stored, else made here and rounded alike."""
        hashes = [one.text_hash for one in own]
        rows = self._stored(hashes)
        missing = {one.text_hash: one.embedded for one in own if one.text_hash not in rows}
        made = self.embed(list(missing.values())).astype(np.float16).astype(np.float32)
        rows |= dict(zip(missing, made, strict=True))
        stacked = [rows[h] for h in hashes]
        return Inputs([one.embedded for one in own], np.stack(stacked) if stacked else made)

    def _stored(self, hashes: list[str]) -> dict[str, Floats]:
        try:
            return self._store.embeddings_of(hashes, encoder=self._encoder.name)
        except Exception:  # whatever the store raises while it is away; texts can still be encoded
            _log.exception("Stored embeddings cannot be read: texts are embedded anew")
            return {}

    def embed(self, texts: list[str]) -> Floats:
        """Return (len(texts), dimension) of texts that are redacted already."""
        return self._encoder.encode(texts)

    def embed_raw(self, texts: list[str]) -> Floats:
        """Likewise of texts as a customer wrote them."""
        return self.embed([one.embedded for one in self._own(texts)])
