"""A store of intents, examples and models in memory."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from nlp.errors import ModelError
from nlp.records import Drift, Floats, Intent, LabelledExample, ModelRecord, Prediction
from nlp.states import ModelDecision, ModelRole
from nlp.text.own import own_text
from tests.fakes.messages import MemoryMessages


@dataclass
class MemoryIntents(MemoryMessages):
    """`nlp.ports.IntentStore`."""

    active: dict[str, bool] = field(default_factory=dict)
    """Each intent, and whether it is active."""
    descriptions: dict[str, str] = field(default_factory=dict)
    labelled: dict[tuple[str, str], LabelledExample] = field(default_factory=dict)
    """By hash and intent."""
    corrections: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By id: message and intent, the latest last."""
    models: dict[str, ModelRecord] = field(default_factory=dict)
    served: list[str] = field(default_factory=list)
    """Versions as they came into service."""
    model_log: list[tuple[str, ModelDecision, str]] = field(default_factory=list)
    predicted: dict[tuple[dt.date, str], list[Prediction]] = field(default_factory=dict)
    drifts: dict[dt.date, Drift] = field(default_factory=dict)

    def examples(self) -> list[LabelledExample]:
        result = [e for e in self.labelled.values() if self.active.get(e.intent)]
        return sorted(result, key=lambda e: (e.text, e.intent))

    def save_examples(self, examples: Sequence[LabelledExample], *, origin: str) -> int:
        before = len(self.labelled)
        for e in sorted(examples, key=lambda e: e.text):
            self.active.setdefault(e.intent, True)
            key = (own_text(e.text).text_hash, e.intent)
            self.labelled.setdefault(key, replace(e, origin=origin))
        return len(self.labelled) - before

    def taxonomy(self) -> list[Intent]:
        names = sorted(name for name, active in self.active.items() if active)
        return [Intent(name, self.descriptions.get(name, "")) for name in names]

    def corrected(self) -> list[LabelledExample]:
        latest = {message: intent for message, intent in self.corrections.values() if intent}
        result = [
            LabelledExample(self.messages[m].text, intent, "correction")
            for m, intent in latest.items()
            if self.active.get(intent)
        ]
        return sorted(result, key=lambda e: (e.text, e.intent))

    def unlabelled(
        self, *, encoder: str, languages: Sequence[str], most: int
    ) -> tuple[list[str], Floats]:
        known = {text_hash for text_hash, _ in self.labelled}
        latest = {
            m.text_hash: m
            for _, m in sorted(self.messages.items())
            if m.language in languages
            and m.text_hash not in known
            and (encoder, m.text_hash) in self.embeddings
        }
        result = sorted(latest.values(), key=lambda m: (-m.day.toordinal(), m.text_hash))[:most]
        rows = [self.embeddings[encoder, m.text_hash] for m in result]
        vectors = np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)
        return [m.text for m in result], vectors

    def save_model(self, model: ModelRecord) -> None:
        self.models.setdefault(model.version, replace(model, role=ModelRole.CHALLENGER))

    def model(self, version: str) -> ModelRecord:
        if version not in self.models:
            raise ModelError(f"There is no model {version!r}. `triage models` lists them")
        return self.models[version]

    def champion_version(self) -> str | None:
        return next((v for v, m in self.models.items() if m.role == ModelRole.CHAMPION), None)

    def champion(self) -> tuple[str, bytes] | None:
        version = self.champion_version()
        return None if version is None else (version, self.models[version].artefact)

    def decide(self, version: str, decision: ModelDecision, *, by: str, detail: str = "") -> None:
        model = self.model(version)
        self.model_log.append((version, ModelDecision(decision), by))
        if decision in (ModelDecision.PROMOTE, ModelDecision.ROLLBACK):
            if (serving := self.champion_version()) is not None:
                self.models[serving] = replace(self.models[serving], role=ModelRole.RETIRED)
            self.models[version] = replace(model, role=ModelRole.CHAMPION, approved_by=by)
            self.served.append(version)
        elif model.role == ModelRole.CHALLENGER:
            self.models[version] = replace(model, role=ModelRole.RETIRED)

    def served_before(self) -> str | None:
        serving = self.champion_version()
        if serving is None:
            return None
        before = self.served[: self.served.index(serving)]
        return before[-1] if before else None

    def describe_model(
        self, version: str, *, gate: Mapping[str, Any] | None, card: str, registry_ref: str | None
    ) -> None:
        old = self.models[version]
        self.models[version] = replace(
            old, gate=gate or old.gate, card=card, registry_ref=registry_ref or old.registry_ref
        )

    def save_predictions(
        self, day: dt.date, *, model_version: str, predictions: Sequence[Prediction]
    ) -> None:
        self.predicted[day, model_version] = list(predictions)

    def predictions(
        self, *, first: dt.date, last: dt.date, model_version: str
    ) -> list[tuple[dt.date, str | None, float]]:
        return [
            (day, p.intent, p.probability)
            for (day, version), result in sorted(self.predicted.items())
            if first <= day <= last and version == model_version
            for p in sorted(result, key=lambda p: p.passage_id)
        ]

    def save_drift(self, drift: Drift) -> None:
        self.drifts[drift.day] = drift
