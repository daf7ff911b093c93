"""Train an intent model on everything that people labelled, as a challenger."""

import hashlib
import json
from dataclasses import dataclass
from typing import Protocol

from nlp.crossings import crossing
from nlp.intents import checks, training
from nlp.intents.card import card
from nlp.intents.checks import DataReport
from nlp.intents.config import intent_config
from nlp.intents.data import Inputs
from nlp.intents.names import readable_name
from nlp.intents.variants import Joined, join
from nlp.jobs.at_work import at_work
from nlp.ports import Encoder, IntentStore, RunStore, Tracker
from nlp.records import Floats, Intent, LabelledExample, ModelRecord
from nlp.settings import Settings
from nlp.text.clean import clean
from nlp.text.own import own_text
from nlp.text.redact import redactor_of
from nlp.text.zones import own_or_all

_POOL = 5_000
"""Most unlabelled messages that a training with few examples uses."""


class TrainStore(IntentStore, RunStore, Protocol):
    """What training reads and writes."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The labelled data at one moment, embedded."""

    taxonomy: list[Intent]
    examples: list[LabelledExample]
    """One per text, sorted by text."""
    embeddings: Floats
    described: dict[str, Inputs]
    report: DataReport
    sha256: str

    @property
    def inputs(self) -> Inputs:
        """The examples in the form that candidates read."""
        return Inputs([own_text(e.text).embedded for e in self.examples], self.embeddings)

    @property
    def hashes(self) -> tuple[tuple[str, str], ...]:
        """(text_hash, intent) of each example."""
        return tuple((own_text(e.text).text_hash, e.intent) for e in self.examples)


def add_examples(
    store: TrainStore, examples: list[LabelledExample], *, origin: str, settings: Settings
) -> int:
    """Redact and store the own words of labelled examples; return how many were new.

    Spellings of one intent are joined.
    """
    prepared = prepare_examples(store, examples, settings=settings)
    return store.save_examples(prepared.examples, origin=origin)


def prepare_examples(
    store: TrainStore, examples: list[LabelledExample], *, settings: Settings
) -> Joined:
    """Return the redacted own words of labelled examples, with one spelling of each intent."""
    redactor = redactor_of(settings)
    redacted = [
        LabelledExample(redactor.redact(clean(own_or_all(e.text))).text, clean(e.intent))
        for e in examples
    ]
    known = [intent.name for intent in store.taxonomy()]
    return join([e for e in redacted if e.text and e.intent], known)


def check_examples(store: TrainStore, prepared: Joined) -> None:
    """Raise TrainingError where these examples and those stored do not suffice to train."""
    examples, _ = checks.resolve_labels([*store.examples(), *prepared.examples], store.corrected())
    checks.check_enough(examples)


def snapshot(store: TrainStore, encoder: Encoder) -> Snapshot:
    """Read and check the labelled data. Raises LabelError or TrainingError where it is wrong."""
    taxonomy = store.taxonomy()
    labelled, conflicts = checks.resolve_labels(store.examples(), store.corrected())
    checks.check_taxonomy(taxonomy)
    taxonomy, examples, left_out = checks.learnable(taxonomy, labelled)
    vectors = encoder.encode([own_text(e.text).embedded for e in examples])
    words = [[readable_name(i.name), *([i.description] if i.description else [])] for i in taxonomy]
    rows = [encoder.encode(w) for w in words]
    described = {i.name: Inputs(w, r) for i, w, r in zip(taxonomy, words, rows, strict=True)}
    content = [[e.text, e.intent] for e in examples] + [[i.name, i.description] for i in taxonomy]
    digest = hashlib.sha256(json.dumps([encoder.name, content]).encode()).hexdigest()
    report = checks.report(examples, vectors, conflicts, left_out)
    return Snapshot(taxonomy, examples, vectors, described, report, digest)


@at_work
def train_challenger(
    store: TrainStore,
    encoder: Encoder,
    *,
    settings: Settings,
    tracker: Tracker | None = None,
    data: Snapshot | None = None,
) -> ModelRecord:
    """Fit, measure, track and store a challenger; the model in service stays.

    Raises TrainingError or LabelError where the data are not sufficient. If the registry cannot be
    reached, RegistryError is raised after the model is stored.
    """
    data = data or snapshot(store, encoder)
    fitted = fit(store, encoder, data, settings=settings)
    record = ModelRecord(
        version=fitted.model.version,
        encoder=encoder.name,
        kind=fitted.model.scorer.kind if not fitted.model.is_cold else "cold",
        artefact=fitted.model.dump(),
        metrics=fitted.metrics,
        intents=fitted.intents,
        data_sha256=data.sha256,
        examples=data.hashes,
    )
    numbers = intent_config(settings).model_dump()
    written = card(record, findings=data.report.lines(), numbers=numbers)
    store.save_model(record)
    crossing(
        "train.saved",
        "The challenger is stored without its card: the same data train the same version.",
    )
    store.describe_model(record.version, gate=None, card=written, registry_ref=None)
    if tracker is not None:
        reference = tracker.log(record, fitted, card=written)
        store.describe_model(record.version, gate=None, card=written, registry_ref=reference)
    return store.model(record.version)


def fit(
    store: TrainStore, encoder: Encoder, data: Snapshot, *, settings: Settings
) -> training.Trained:
    """Fit a model on a snapshot, or on descriptions alone where there is no example."""
    if not data.examples and data.taxonomy:
        return training.train_cold(data.described, encoder=encoder.name)
    texts, vectors = store.unlabelled(
        encoder=encoder.name, languages=settings.languages, most=_POOL
    )
    return training.train(
        data.inputs,
        [e.intent for e in data.examples],
        described=data.described,
        encoder=encoder.name,
        seed=settings.seed,
        precision=settings.intent_precision,
        pool=Inputs([own_text(t).embedded for t in texts], vectors) if texts else None,
        config=intent_config(settings),
    )
