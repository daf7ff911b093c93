"""The intent classifier."""

from dataclasses import replace

import numpy as np
import pytest

from nlp.errors import ModelError, TrainingError
from nlp.intents.confidence import expected_calibration_error, threshold_for
from nlp.intents.data import Examples, Inputs, Refits
from nlp.intents.kernel import KernelRidge
from nlp.intents.lexicon import Lexicon
from nlp.intents.linear import LinearScorer
from nlp.intents.model import IntentModel, load
from nlp.intents.training import Trained, train, train_cold

_WORDS = ("card", "refund", "pin", "app")


def _blobs(n: int, names: list[str], *, spread: float = 0.08) -> tuple[Inputs, list[str]]:
    rng = np.random.default_rng(3)
    centres = np.eye(len(names), 8, dtype=np.float32)
    rows = np.repeat(centres, n, axis=0) + rng.normal(0, spread, (n * len(names), 8))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    labels = [name for name in names for _ in range(n)]
    texts = [f"my {_WORDS[names.index(la)]} number {i}" for i, la in enumerate(labels)]
    return Inputs(texts, rows.astype(np.float32)), labels


def _train(inputs: Inputs, labels: list[str], **options: object) -> Trained:
    return train(
        inputs,
        labels,
        described={},
        encoder="e",
        seed=1,
        **options,  # type: ignore[arg-type]
    )


def _ids(inputs: Inputs) -> list[str]:
    return [str(i) for i in range(len(inputs.texts))]


@pytest.mark.parametrize("names", [["a", "b"], ["a", "b", "c", "d"]])
def test_what_was_learnt_is_told_again_after_a_round_trip(names: list[str]) -> None:
    """A model predicts correctly, and exactly the same after it is dumped and loaded."""
    inputs, labels = _blobs(30, names)
    trained = _train(inputs, labels)
    again = load(trained.model.dump())
    first = trained.model.predict(_ids(inputs), inputs)
    assert first == again.predict(_ids(inputs), inputs)
    assert again.dump() == trained.model.dump()
    assert np.mean([p.intent == label for p, label in zip(first, labels, strict=True)]) > 0.95
    assert trained.metrics["accuracy"] > 0.9
    assert trained.model.scorer.kind == "kernel"


def test_training_again_gives_the_same_bytes_under_the_same_name() -> None:
    """The same examples give the same model; other labels give another version."""
    inputs, labels = _blobs(20, ["a", "b", "c"])
    one, two = _train(inputs, labels), _train(inputs, labels)
    assert one.model.dump() == two.model.dump()
    assert one.model.version != _train(inputs, ["b", *labels[1:]]).model.version


@pytest.mark.parametrize("kind", ["logistic", "svm"])
def test_a_stored_linear_model_goes_on_answering(kind: str) -> None:
    """A model of a kind that is no longer trained still loads and gives the same answers."""
    inputs, labels = _blobs(30, ["a", "b", "c"])
    known = _train(inputs, labels).model
    lexicon = Lexicon.of(inputs.texts) if kind == "svm" else None
    words = np.zeros((lexicon.transform(["x"]).shape[1], 3), np.float32) if lexicon else None
    weights = np.eye(8, 3, dtype=np.float32) * 5
    scorer = LinearScorer(kind, weights, np.zeros(3, np.float32), lexicon, words)
    stored = replace(known, version=f"{kind}-1", scorer=scorer)
    again = load(stored.dump())
    assert again.scorer.kind == kind
    result = again.predict(_ids(inputs), inputs)
    assert result == stored.predict(_ids(inputs), inputs)
    assert [p.intent for p in result] == labels


def test_closed_form_agrees_with_fits_without_the_fold() -> None:
    """Held-out scores in closed form lead to the same guesses as real refits."""
    inputs, labels = _blobs(15, ["a", "b", "c"], spread=0.3)
    _, y = np.unique(labels, return_inverse=True)
    examples = Examples(inputs, y, np.ones(len(y), np.float32), 3)
    folds = [np.arange(i, len(y), 5) for i in range(5)]
    closed = KernelRidge().study(examples).in_closed_form(folds)
    refitted = Refits(lambda e: KernelRidge().study(e).scorer(), examples).held_out(folds)
    assert (closed.argmax(axis=1) == refitted.argmax(axis=1)).mean() > 0.95
    assert np.abs(closed - refitted).mean() < 0.05


def test_labels_by_chance_are_not_told_when_held_out() -> None:
    """With fewer examples than dimensions, held-out accuracy on random labels stays at chance."""
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(120, 200)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    y = np.repeat(np.arange(4), 30)
    inputs = Inputs([f"w{i}" for i in rng.integers(0, 50, 120)], rows)
    study = KernelRidge().study(Examples(inputs, y, np.ones(120, np.float32), 4))
    result = study.held_out([np.arange(i, 120, 5) for i in range(5)])
    assert (result.argmax(axis=1) == y).mean() < 0.45


def test_a_held_out_intent_is_never_told() -> None:
    """An intent that a fit did not see scores below the others."""
    inputs, labels = _blobs(15, ["a", "b", "c"])
    _, y = np.unique(labels, return_inverse=True)
    examples = Examples(inputs, y, np.ones(len(y), np.float32), 3)
    groups = [np.array([0]), np.array([1, 2])]
    scores = KernelRidge().study(examples).out_of_scope(groups)
    assert (scores[y == 0].argmax(axis=1) != 0).all()


def test_abstention_says_why() -> None:
    """Between two intents a message is ambiguous; unlike all examples, it is out of scope."""
    inputs, labels = _blobs(60, ["a", "b", "c"], spread=0.4)
    inputs = Inputs(["zzz"] * 180, inputs.embeddings)
    model = _train(inputs, labels).model
    ends = inputs.embeddings[:60].mean(axis=0), inputs.embeddings[60:120].mean(axis=0)
    rows = np.stack([(1 - t) * ends[0] + t * ends[1] for t in np.linspace(0, 1, 41)])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    way = Inputs(["zzz"] * 41, rows.astype(np.float32))
    result = model.predict(_ids(way), way, threshold=0.97)
    between = [p for p in result if p.reason == "ambiguous"]
    assert between
    assert {between[0].intent, between[0].runners_up[0][0]} == {"a", "b"}
    away = -inputs.embeddings.mean(axis=0, keepdims=True)
    away /= np.linalg.norm(away)
    strange = model.predict(["n"], Inputs(["qqq"], away), threshold=0.97)[0]
    assert strange.abstained
    assert strange.reason == "out_of_scope"
    assert strange.probability < min(p.probability for p in between)


def test_pool_of_unlabelled_messages_is_used_where_examples_are_few() -> None:
    """The model learns from unlabelled messages with two examples per intent, not with many."""
    inputs, labels = _blobs(60, ["a", "b", "c"], spread=0.25)
    few = np.array([0, 1, 60, 61, 120, 121])
    rest = np.setdiff1d(np.arange(180), few)
    trained = _train(inputs.take(few), [labels[i] for i in few], pool=inputs.take(rest))
    assert trained.metrics["n_pool"] > 100
    assert trained.model.scorer.kind == "kernel"
    assert _train(inputs, labels, pool=inputs).metrics["n_pool"] == 0


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["a"] * 4, "All examples are of 'a': at least 2"),
        (["a", "a", "a", "b"], "One example is not enough: 'b'"),
        ([], "no labelled example"),
    ],
)
def test_examples_that_do_not_suffice_are_refused(labels: list[str], message: str) -> None:
    """Too few intents or examples are an error that names the problem."""
    inputs = Inputs(["x"] * len(labels), np.ones((len(labels), 3), dtype=np.float32))
    with pytest.raises(TrainingError, match=message):
        _train(inputs, labels)


def test_descriptions_alone_predict_and_say_that_it_is_a_cold_start() -> None:
    """Without examples the guess is the nearest description, and every answer abstains."""
    rows = np.eye(2, 8, dtype=np.float32)
    described = {n: Inputs([n], rows[i : i + 1]) for i, n in enumerate(("card lost", "refund"))}
    model: IntentModel = load(train_cold(described, encoder="e").model.dump())
    (result,) = model.predict(["m"], Inputs(["where is my refund"], rows[1:]))
    assert (result.intent, result.abstained, result.reason) == ("refund", True, "cold_start")
    with pytest.raises(TrainingError, match="1 intents and no example"):
        train_cold({"refund": described["refund"]}, encoder="e")


@pytest.mark.parametrize("artefact", [b"not a model", b"", b"PK\x03\x04 broken"])
def test_bytes_that_are_no_model_are_refused(artefact: bytes) -> None:
    """An unreadable artefact is an error, and none of its code runs."""
    with pytest.raises(ModelError, match="not an intent model"):
        load(artefact)


def test_a_sure_and_right_model_has_no_calibration_error() -> None:
    """The expected calibration error is the gap between confidence and accuracy."""
    confidence = np.array([1.0, 1.0, 0.5, 0.5], dtype=np.float32)
    right = np.array([True, True, True, False])
    assert expected_calibration_error(confidence, right) == 0.0
    assert expected_calibration_error(confidence, ~right) == 0.5


def test_a_threshold_keeps_the_precision_asked_for() -> None:
    """The lowest threshold with the required precision is returned, or one above 1 without any."""
    confidence = np.array([0.9, 0.8, 0.7, 0.6])
    right = np.array([True, True, False, True])
    assert threshold_for(confidence, right, precision=0.9) == 0.8
    assert threshold_for(confidence, right, precision=0.7) == 0.6
    assert threshold_for(confidence, ~np.ones(4, bool), precision=0.5) > 1
