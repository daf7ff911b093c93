"""Answer single texts as the batch would: own words, redacted, their language, embedded, predicted.

A text of several subjects, which the batch would cut, is answered as a whole.

A text that the batch has embedded is answered from that embedding. Intent, reason and abstention
are then those of the batch, and the probability differs by at most one in the fourth decimal,
because a sum of floats depends on the other rows of the product. A text without a stored embedding
is embedded here. In bfloat16 its last bits depend on the texts embedded with it, so the batch may
differ later.
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
from nlp.text.redact import redactor_of
from nlp.text.zones import own_or_all

_log = logging.getLogger(__name__)


class AnswerStore(IntentStore, MessageStore, Protocol):
    """What answering reads: the model in service, and embeddings of known texts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer for one text."""

    intent: str | None
    probability: float
    runners_up: tuple[tuple[str, float], ...]
    abstained: bool
    reason: str | None
    language: str
    model_version: str


class Answerer:
    """Answers texts with a redactor, a language detector, an encoder and the model in service."""

    def __init__(self, store: AnswerStore, encoder: Encoder, *, settings: Settings) -> None:
        self._store = store
        self._encoder = encoder
        self._settings = settings
        self._redactor = redactor_of(settings)
        self._languages = LanguageDetector(settings.languages)
        self._model: IntentModel | None = None
        self._lock = threading.Lock()

    @property
    def version(self) -> str | None:
        """Version of the loaded model, None before the first."""
        return self._model.version if self._model else None

    def refresh(self) -> bool:
        """Load the champion unless it is loaded already; return whether it was loaded now.

        Raises ModelError where it cannot be used; the loaded model then stays.
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
            # The first prediction builds tables; the first caller should not wait for them.
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
        predictions = model.predict(
            [str(i) for i in known],
            self._inputs([own[i] for i in known]),
            threshold=self._settings.intent_threshold,
        )
        answers = [
            Answer(None, 0.0, (), True, Abstention.UNSUPPORTED_LANGUAGE, code, model.version)
            for code in languages
        ]
        for i, p in zip(known, predictions, strict=True):
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
        return [own_text(self._redactor.redact(clean(own_or_all(t))).text) for t in texts]

    def _inputs(self, own: list[OwnText]) -> Inputs:
        """Words and embeddings: stored ones, else new ones rounded in the same way."""
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
        except Exception:  # any error of an unreachable store; texts can still be encoded
            _log.exception("Stored embeddings cannot be read: texts are embedded anew")
            return {}

    def embed(self, texts: list[str]) -> Floats:
        """Return the embeddings (len(texts), dimension) of redacted texts."""
        return self._encoder.encode(texts)

    def embed_raw(self, texts: list[str]) -> Floats:
        """Return the embeddings of texts as a customer wrote them; they are redacted first."""
        return self.embed([one.embedded for one in self._own(texts)])
