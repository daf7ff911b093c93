"""Train the intent classifier on the labelled examples."""

from typing import Protocol

from nlp import intents
from nlp.clean import clean, normalise
from nlp.ports import Encoder, IntentStore
from nlp.records import LabelledExample
from nlp.redact import Redactor
from nlp.settings import Settings


class TrainStore(IntentStore, Protocol):
    """What training needs kept."""


def add_examples(
    store: TrainStore, examples: list[LabelledExample], *, origin: str, settings: Settings
) -> int:
    """Redact and store labelled examples; return how many were new."""
    redactor = Redactor(region=settings.redact_region, spacy_model=settings.spacy_model)
    redacted = [
        LabelledExample(redactor.redact(clean(e.text)).text, clean(e.intent)) for e in examples
    ]
    return store.save_examples([e for e in redacted if e.text and e.intent], origin=origin)


def train_intents(
    store: TrainStore, encoder: Encoder, *, settings: Settings
) -> tuple[str, dict[str, float]]:
    """Fit, store and put into service; return the version and its held-out figures.

    Raises TrainingError where the examples do not suffice; the champion stays.
    """
    examples = store.examples()
    vectors = encoder.encode([normalise(e.text) or e.text for e in examples])
    model, metrics = intents.train(
        vectors, [e.intent for e in examples], encoder=encoder.name, seed=settings.seed
    )
    store.save_model(
        version=model.version,
        encoder=encoder.name,
        artefact=model.dump(),
        metrics=metrics,
        make_champion=True,
    )
    return model.version, metrics
