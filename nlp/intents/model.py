"""An intent model: its predictions, and its artefact.

An artefact contains only arrays and JSON, in a numpy archive, and loads without running code.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.errors import ModelError
from nlp.intents.confidence import Confidence, Neighbours, signs
from nlp.intents.config import DEFAULT
from nlp.intents.data import Inputs, Scorer
from nlp.intents.kernel import KernelScorer
from nlp.intents.lexicon import packed, unpacked
from nlp.intents.linear import LinearScorer
from nlp.records import Floats, Prediction
from nlp.states import Abstention

FORMAT = 2
_BROKEN = (ValueError, KeyError, OSError, EOFError, TypeError, IndexError, zipfile.BadZipFile)
_N_RUNNERS_UP = 3
_RIVAL = 0.5
"""A guess is ambiguous when a runner-up has at least this share of its probability."""


@dataclass(frozen=True)
class IntentModel:
    """A trained, calibrated classifier."""

    version: str
    encoder: str
    intents: tuple[str, ...]
    scorer: Scorer
    neighbours: Neighbours
    confidence: Confidence
    thresholds: Floats
    """(n_intents,) least probability at which the model does not abstain."""
    usual: float
    """Median cosine of a held-out example to its nearest other one."""
    strange: float = DEFAULT.strange
    """A message whose nearest example is less similar than this times `usual` is out of scope."""
    is_cold: bool = False
    """It learnt from names and descriptions alone and always abstains."""

    def predict(
        self, passage_ids: Sequence[str], inputs: Inputs, *, threshold: float = 0.0
    ) -> list[Prediction]:
        """Return one prediction per message; `threshold` is a lower bound for the model's own."""
        if not len(passage_ids):
            return []
        scores = self.scorer.scores(inputs)
        nearest = self.neighbours.nearest(inputs.embeddings)
        guess, softmax, of_guess = signs(scores, nearest, temperature=self.confidence.temperature)
        probability = self.confidence.probability(of_guess)
        # All are scaled by one factor, which keeps the order; the rest up to 1 is "none of these".
        share = softmax * (probability / softmax[np.arange(len(guess)), guess])[:, None]
        order = np.argsort(-softmax, axis=1, kind="stable")[:, : _N_RUNNERS_UP + 1]
        order[:, 0] = guess
        least = np.maximum(self.thresholds, threshold)[guess]
        alike = nearest.max(axis=1)
        return [
            self._prediction(*row)
            for row in zip(passage_ids, order, share, least, alike, strict=True)
        ]

    def _prediction(
        self, message_id: str, order: NDArray[np.intp], share: Floats, least: float, alike: float
    ) -> Prediction:
        ranked = [(self.intents[i], round(float(share[i]), 4)) for i in order]
        reason: Abstention | None = None
        if self.is_cold:
            reason = Abstention.COLD_START
        elif ranked[0][1] < round(float(least), 4):
            reason = Abstention.LOW_PROBABILITY
            if alike < self.strange * self.usual:
                reason = Abstention.OUT_OF_SCOPE
            elif len(ranked) > 1 and ranked[1][1] >= _RIVAL * ranked[0][1]:
                reason = Abstention.AMBIGUOUS
        return Prediction(message_id, *ranked[0], tuple(ranked[1:]), reason is not None, reason)

    def dump(self) -> bytes:
        """Return the artefact; the same model gives the same bytes."""
        head = {
            "format": FORMAT,
            "version": self.version,
            "encoder": self.encoder,
            "intents": self.intents,
            "kind": self.scorer.kind,
            "usual": self.usual,
            "strange": self.strange,
            "is_cold": self.is_cold,
            "confidence": [
                self.confidence.temperature,
                self.confidence.rank.tolist(),
                self.confidence.centre,
                self.confidence.slope,
                self.confidence.bend,
                self.confidence.offset,
            ],
        }
        buffer = io.BytesIO()
        arrays: dict[str, Any] = {
            "head": packed(head),
            "thresholds": self.thresholds,
            "starts": self.neighbours.starts,
            "neighbours": self.neighbours.embeddings.astype(np.float16),
            **self.scorer.arrays(),
        }
        np.savez(buffer, **arrays)
        return buffer.getvalue()


def load(artefact: bytes) -> IntentModel:
    """Return the model in an artefact. Raises ModelError where there is none."""
    try:
        with np.load(io.BytesIO(artefact), allow_pickle=False) as arrays:
            return _model(unpacked(arrays["head"]), dict(arrays))
    except _BROKEN as error:
        raise ModelError(
            "The artefact is not an intent model of this version: train again, or roll back"
        ) from error


def _model(head: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> IntentModel:
    if head["format"] != FORMAT:
        raise ValueError(head["format"])
    temperature, rank, *rest = head["confidence"]
    scorer: Scorer = (
        KernelScorer.from_arrays(arrays)
        if head["kind"] == "kernel"
        else LinearScorer.from_arrays(head["kind"], arrays)
    )
    return IntentModel(
        version=head["version"],
        encoder=head["encoder"],
        intents=tuple(head["intents"]),
        scorer=scorer,
        neighbours=Neighbours(arrays["neighbours"].astype(np.float32), arrays["starts"]),
        confidence=Confidence(temperature, np.array(rank), *rest),
        thresholds=arrays["thresholds"],
        usual=head["usual"],
        strange=head.get("strange", DEFAULT.strange),
        is_cold=head["is_cold"],
    )
