"""Intent models in a real database: trained, compared, corrected, rolled back, watched."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from nlp.errors import (
    DecisionError,
    LabelError,
    ModelError,
    NotFoundError,
    RegistryError,
    TrainingError,
)
from nlp.intents.model import load
from nlp.intents.tracking import MlflowTracker
from nlp.jobs import govern
from nlp.jobs.answer import Answerer
from nlp.jobs.drift import measure_drift
from nlp.jobs.replay import run_days
from nlp.jobs.train import add_examples, snapshot, train_challenger
from nlp.records import Intent, LabelledExample
from nlp.settings import Settings
from nlp.text.embed import SentenceEncoder
from sql.connect import PostgresStore, open_store
from sql.queries import health, suggested
from sql.stores.suggestions import suggestions
from tests import deciding
from tests.conftest import migrated
from tests.fakes import MemorySource
from tests.inbox import FIRST, LAST, N_DAYS, SUBJECTS, about, inbox


def _examples(n: int = 12) -> list[LabelledExample]:
    rng = Random(6)
    return [
        LabelledExample(r.fields["text"], name)
        for name in SUBJECTS
        for r in about(name, FIRST, n, rng)
    ]


@pytest.fixture
def taught(store: PostgresStore, settings: Settings) -> PostgresStore:
    """A store with examples of four intents."""
    add_examples(store, _examples(), origin="file", settings=settings)
    return store


@pytest.fixture(scope="module")
def filled(local_dir: Path, encoder: SentenceEncoder) -> Iterator[tuple[Settings, PostgresStore]]:
    """Ten days that ran with a model in service."""
    with migrated(local_dir) as settings, open_store(settings) as store:
        add_examples(store, _examples(), origin="file", settings=settings)
        govern.train_intents(store, encoder, settings=settings, by="maria")
        days = [FIRST + dt.timedelta(n) for n in range(N_DAYS)]
        run_days(store, encoder, days, sources=[MemorySource("inbox", inbox())], settings=settings)
        yield settings, store


def _predictions(store: PostgresStore) -> list[tuple[object, ...]]:
    query = text(
        "SELECT message_id::text, intent, intent_probability, intent_abstained, abstain_reason, "
        "runners_up::text, model_version FROM triage.message_triage ORDER BY 1"
    )
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def _spoil(store: PostgresStore, encoder: SentenceEncoder, settings: Settings) -> str:
    """A challenger that learnt a wrong label for every second example."""
    wrong = {"card": "refund", "refund": "pin", "pin": "app", "app": "card"}
    data = snapshot(store, encoder)
    bad = [replace(e, intent=wrong[e.intent]) if i % 3 else e for i, e in enumerate(data.examples)]
    spoilt = replace(data, examples=bad, sha256="spoilt")
    return train_challenger(store, encoder, settings=settings, data=spoilt).version


def test_the_first_model_serves_and_its_card_says_what_it_is(
    filled: tuple[Settings, PostgresStore],
) -> None:
    """The first model goes into service in a person's name, with figures and card in Postgres."""
    store = filled[1]
    version = store.champion_version()
    assert version is not None
    record = store.model(version)
    assert record.approved_by == "maria"
    assert record.metrics["accuracy"] > 0.9
    assert len(record.examples) == int(record.metrics["n_examples"])
    for part in (
        "## Data",
        record.data_sha256,
        "| card |",
        "ridge 0.1",
        "promote by maria",
        "## Limits",
    ):
        assert part in record.card


def test_the_same_data_are_not_learnt_twice(
    taught: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """Training again on the same labels returns the model in service."""
    first, figures = govern.train_intents(taught, encoder, settings=settings)
    assert govern.train_intents(taught, encoder, settings=settings) == (first, figures)


def test_a_worse_challenger_is_refused_with_the_figures(
    taught: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """A challenger with wrong labels loses on the same messages, and the champion stays."""
    champion, _ = govern.train_intents(taught, encoder, settings=settings)
    version = _spoil(taught, encoder, settings)
    result = govern.compare(taught, encoder, version, settings=settings)
    assert result is not None
    assert not result.passed
    assert result.lost > result.won
    verdict = govern.verdict_of(taught, version, result, settings=settings)
    assert verdict["next"] == "stay"
    assert "Refused" in verdict["body"]
    assert taught.champion_version() == champion
    record = taught.model(version)
    assert record.role == "retired"
    assert record.gate is not None
    assert record.gate["verdict"] != "pass"
    assert "Refused" in record.card


def test_a_better_challenger_waits_for_a_person(
    taught: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """With more examples a model passes the gate; then a person is asked, unless set otherwise."""
    champion, _ = govern.train_intents(taught, encoder, settings=settings)
    more = [LabelledExample(f"{e.text} please help", e.intent) for e in _examples(15)]
    add_examples(taught, more, origin="file", settings=settings)
    record = train_challenger(taught, encoder, settings=settings)
    result = govern.compare(taught, encoder, record.version, settings=settings)
    assert result is not None
    assert result.passed, result.reasons
    output = govern.verdict_of(taught, record.version, result, settings=settings)
    assert output["next"] == "ask"
    assert "| accuracy |" in output["body"]
    free = settings.model_copy(update={"auto_promote_margin": 1.0})
    assert govern.verdict_of(taught, record.version, result, settings=free)["next"] == "go"
    assert taught.champion_version() == champion
    govern.promote(taught, record.version, by="maria")
    assert taught.champion_version() == record.version
    assert taught.model(champion).role == "retired"


def test_a_rollback_restores_the_answers_to_the_bit(
    filled: tuple[Settings, PostgresStore], encoder: SentenceEncoder
) -> None:
    """After a promotion and a rollback every message has the same answers as before."""
    settings, store = filled
    before = _predictions(store)
    version = _spoil(store, encoder, settings)
    govern.promote(store, version, by="maria")
    govern.predict_again(store, last=LAST, encoder_name=encoder.name, settings=settings)
    assert _predictions(store) != before
    govern.rollback(store, by="maria")
    assert _predictions(store) == before
    govern.predict_again(store, last=LAST, encoder_name=encoder.name, settings=settings)
    assert _predictions(store) == before
    with pytest.raises(ModelError, match="No earlier model"):
        govern.rollback(store, by="maria")


def test_a_correction_shows_at_once_outranks_and_is_learnt(
    filled: tuple[Settings, PostgresStore], encoder: SentenceEncoder
) -> None:
    """A correction shows at once, after a rerun of the day, and in the next training."""
    settings, store = filled
    query = text(
        "SELECT message_id::text, text FROM triage.message_triage "
        "WHERE external_id = 'pin-2026-03-05-3'"
    )
    with store.engine.connect() as connection:
        message, words = connection.execute(query).one()
    with store.engine.begin() as db:
        deciding.correct(db, message, intent="refund", actor="maria")
    days = [FIRST + dt.timedelta(n) for n in range(3, N_DAYS)]
    run_days(store, encoder, days, sources=[MemorySource("inbox", inbox())], settings=settings)
    row = next(r for r in _predictions(store) if r[0] == message)
    assert row[1] == "refund"
    learnt = {e.text: e for e in snapshot(store, encoder).examples}
    assert (learnt[words].intent, learnt[words].origin) == ("refund", "correction")


@pytest.mark.parametrize(
    ("message", "intent", "output"),
    [
        ("00000000-0000-0000-0000-000000000000", "card", "There is no message"),
        ("not an id", "card", "There is no message"),
        ("00000000-0000-0000-0000-000000000000", "cards", "There is no message"),
    ],
)
def test_a_correction_of_what_does_not_exist_is_refused(
    taught: PostgresStore, message: str, intent: str, output: str
) -> None:
    """A label or message that does not exist is named, and nothing is recorded."""
    with pytest.raises(NotFoundError, match=output), taught.engine.begin() as db:
        deciding.correct(db, message, intent=intent, actor="maria")
    assert taught.corrected() == []


def test_labelled_data_that_contradict_themselves_are_reported(
    taught: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """A text under two intents is left out; near-duplicates under two intents are reported."""
    odd = [
        LabelledExample("I lost my card at the beach", "card"),
        LabelledExample("I lost my card at the beach", "pin"),
        LabelledExample("how do I change my pin number in the app", "pin"),
        LabelledExample("how do I change my pin number in the app?", "app"),
    ]
    add_examples(taught, odd, origin="file", settings=settings)
    report = snapshot(taught, encoder).report
    assert report.conflicts == [("I lost my card at the beach", ("card", "pin"))]
    assert any({x, y} == {"pin", "app"} for _, x, _, y in report.near_duplicates)
    assert "Conflict, left out" in report.lines()[0]
    card = train_challenger(taught, encoder, settings=settings).card
    assert "Conflict, left out: 'I lost my card at the beach'" in card


_LEAVE_ONE_PIN = """
DELETE FROM triage.labelled_examples WHERE intent = 'pin' AND text_hash <>
    (SELECT min(text_hash::text)::uuid FROM triage.labelled_examples WHERE intent = 'pin')
"""


def _serving(store: PostgresStore, encoder: SentenceEncoder, settings: Settings) -> str:
    version, _ = govern.train_intents(store, encoder, settings=settings)
    return version


@pytest.mark.parametrize(
    ("statement", "error", "output"),
    [
        ("INSERT INTO triage.intents (name) VALUES ('Card')", LabelError, "have the same name"),
        (
            "DELETE FROM triage.labelled_examples; DELETE FROM triage.intents",
            TrainingError,
            "no labelled example",
        ),
        (
            "UPDATE triage.intents SET active = false WHERE name <> 'pin'",
            TrainingError,
            "All examples are of 'pin'",
        ),
    ],
)
def test_data_that_do_not_suffice_leave_the_champion(
    taught: PostgresStore,
    encoder: SentenceEncoder,
    settings: Settings,
    statement: str,
    error: type[Exception],
    output: str,
) -> None:
    """A duplicate name, an empty set, one class: a clear error, no change."""
    champion = _serving(taught, encoder, settings)
    with taught.engine.begin() as connection:
        connection.execute(text(statement))
    with pytest.raises(error, match=output):
        govern.train_intents(taught, encoder, settings=settings)
    assert taught.champion_version() == champion


@pytest.mark.parametrize(
    ("statement", "intent", "output"),
    [
        (_LEAVE_ONE_PIN, "pin", "Left out, one example: 'pin'"),
        ("INSERT INTO triage.intents (name) VALUES ('loan')", "loan", "Left out, no example"),
    ],
)
def test_a_rare_intent_is_left_out_and_stops_no_other(
    taught: PostgresStore,
    encoder: SentenceEncoder,
    settings: Settings,
    statement: str,
    intent: str,
    output: str,
) -> None:
    """An intent with one example or none is not learnt, and the card says so."""
    with taught.engine.begin() as connection:
        connection.execute(text(statement))
    record = train_challenger(taught, encoder, settings=settings)
    assert intent not in record.intents
    assert len(record.intents) > 1
    assert output in record.card


def test_a_registry_that_is_unreachable_leaves_the_champion(
    taught: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """If the registry does not answer, the error hides its address, and the champion stays."""
    champion = _serving(taught, encoder, settings)
    add_examples(taught, _examples(15), origin="file", settings=settings)
    tracker = MlflowTracker("http://127.0.0.1:1")
    with pytest.raises(RegistryError, match=r"does not answer.*TRIAGE_MLFLOW_URI"):
        train_challenger(taught, encoder, settings=settings, tracker=tracker)
    assert taught.champion_version() == champion


def test_an_artefact_that_was_changed_is_refused(
    taught: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """A changed artefact fails its checksum; a running service keeps its model."""
    _serving(taught, encoder, settings)
    answerer = Answerer(taught, encoder, settings=settings)
    before = answerer.predict(["I lost my card"])
    second = _spoil(taught, encoder, settings)
    taught.decide(second, "promote", by="maria")
    with taught.engine.begin() as connection:
        connection.execute(
            text("UPDATE triage.model_versions SET artefact = artefact || 'x' WHERE version = :v"),
            {"v": second},
        )
    with pytest.raises(ModelError, match="checksum"):
        answerer.refresh()
    assert answerer.predict(["I lost my card"]) == before
    with pytest.raises(ModelError, match="checksum"):
        govern.promote(taught, second, by="maria")


def test_a_model_of_another_encoder_is_refused(
    taught: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """A champion with another encoder neither answers nor is compared, and the error says so."""
    version = _serving(taught, encoder, settings)
    with taught.engine.begin() as connection:
        connection.execute(text("UPDATE triage.model_versions SET encoder = 'other/float32'"))
    challenger = _spoil(taught, encoder, settings)
    with pytest.raises(ModelError, match="reads embeddings of other/float32"):
        govern.compare(taught, encoder, challenger, settings=settings)
    assert taught.champion_version() == version


def test_a_taxonomy_alone_predicts_as_a_cold_start(
    store: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """With names and descriptions alone, the model answers and always abstains with the reason."""
    store.save_intents(
        [
            Intent("card_lost", "The card was lost or stolen."),
            Intent("refund", "Money for returned goods has not come back."),
        ]
    )
    version, metrics = govern.train_intents(store, encoder, settings=settings)
    assert version.startswith("cold-")
    assert metrics["cold_start"] == 1
    (answer,) = Answerer(store, encoder, settings=settings).predict(["someone stole my card"])
    assert (answer.intent, answer.reason, answer.abstained) == ("card_lost", "cold_start", True)


def test_a_topic_becomes_an_intent_once(filled: tuple[Settings, PostgresStore]) -> None:
    """An unclaimed topic is suggested with examples, promoted once, then no longer suggested."""
    _, store = filled
    result = suggestions(store.engine, days=14, most=10)
    with store.engine.connect() as connection:  # as the page does
        page = suggested.suggested(connection, last=LAST, days=14)
    assert [(s.topic_id, s.n_messages) for s in page] == [
        (row["topic_id"], row["n_messages"]) for row in result
    ]
    mortgage = next(row for row in result if "mortgage" in row["label"].lower())
    assert mortgage["n_messages"] >= 10
    assert len(mortgage["examples"]) == 3
    topic = mortgage["topic_id"]
    for name in ("Card", "card ", "CARD"):
        with (
            pytest.raises(DecisionError, match="'card' exists already"),
            store.engine.begin() as db,
        ):
            deciding.promote(db, topic, name, actor="maria")
    with pytest.raises(NotFoundError, match="no theme 7"), store.engine.begin() as db:
        deciding.promote(db, 7, "seven", actor="maria")
    with store.engine.begin() as db:
        deciding.promote(db, topic, "mortgage", actor="maria")
    examples = [e for e in store.examples() if e.intent == "mortgage"]
    assert len(examples) >= 5
    assert len({e.text for e in examples}) == len(examples)
    assert "mortgage" in {i.name for i in store.taxonomy()}
    again = suggestions(store.engine, days=14, most=10)
    assert mortgage["topic_id"] not in {row["topic_id"] for row in again}


def test_a_model_is_tracked_and_registered(
    taught: PostgresStore, encoder: SentenceEncoder, settings: Settings, tmp_path: Path
) -> None:
    """Figures, data hash, both pictures, card and the same artefact are in MLflow, with aliases."""
    from mlflow import MlflowClient

    uri = f"sqlite:///{tmp_path}/mlflow.db"
    tracker = MlflowTracker(uri, artefacts=(tmp_path / "runs").as_uri())
    version, metrics = govern.train_intents(taught, encoder, settings=settings, tracker=tracker)
    record = taught.model(version)
    client = MlflowClient(tracking_uri=uri, registry_uri=uri)
    name, _, number = (record.registry_ref or "").rpartition("/")
    assert str(client.get_model_version_by_alias(name, "champion").version) == number
    run = client.get_run(client.get_model_version(name, number).run_id)
    assert run.data.params["data_sha256"] == record.data_sha256
    assert run.data.metrics["accuracy"] == pytest.approx(metrics["accuracy"])
    folder = tmp_path / "runs" / run.info.run_id / "artifacts"
    assert (folder / "model.npz").read_bytes() == record.artefact
    assert (folder / "card.md").read_text(encoding="utf-8").startswith("# Intent model")
    for picture in ("confusion.png", "reliability.png"):
        assert (folder / picture).read_bytes().startswith(b"\x89PNG")


def test_drift_is_small_at_rest_and_told_when_the_mail_changes(
    filled: tuple[Settings, PostgresStore], encoder: SentenceEncoder
) -> None:
    """The last day with its surge and new subject moves the figures above the limit, by name."""
    settings, store = filled
    strict = settings.model_copy(update={"drift_limit": 0.05})
    result = measure_drift(store, LAST, encoder_name=encoder.name, settings=strict)
    assert result.messages > 0.05
    assert "messages" in result.alert
    with store.engine.connect() as connection:
        output = connection.scalar(
            text("SELECT drift_alert FROM triage.run_health WHERE day = :d"), {"d": LAST}
        )
        shown = health.drift(connection, last=LAST)
    assert output == result.alert
    assert shown is not None
    assert (shown.day, shown.messages) == (LAST, pytest.approx(result.messages))
    assert shown.intents == pytest.approx(result.intents)
    assert list(shown.shares.items()) == list(result.shares.items())
    assert {"card", "app"} <= set(shown.shares)
    early = measure_drift(store, FIRST, encoder_name=encoder.name, settings=strict)
    assert (early.messages, early.alert) == (0, "")


def test_the_artefact_holds_no_text_of_a_message(
    taught: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """The artefact contains the terms of the vocabulary, and no labelled text as a whole."""
    version = _serving(taught, encoder, settings)
    artefact = taught.model(version).artefact
    longest = max((e.text for e in taught.examples()), key=len)
    assert longest.encode() not in artefact
    assert load(artefact).version == version
