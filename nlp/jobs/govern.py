"""Decide which model is in service: gate, approval, promotion, rollback, new predictions."""

import datetime as dt
import time
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from nlp.crossings import crossing
from nlp.errors import ModelError
from nlp.intents.config import intent_config
from nlp.intents.data import Indices, Inputs
from nlp.intents.gate import GateResult, judge
from nlp.intents.model import IntentModel, load
from nlp.intents.training import train
from nlp.jobs.at_work import at_work
from nlp.jobs.train import Snapshot, TrainStore, snapshot, train_challenger
from nlp.jobs.triage import TriageStore, predict_day
from nlp.ports import Encoder, Tracker
from nlp.records import ModelRecord
from nlp.settings import Settings
from nlp.states import ModelDecision, ModelRole

_EVERY = 4
"""One in four examples of each intent judges the models: those with the lowest hashes."""
_LEAST = 2
_N_TIMED = 5


class GovernStore(TriageStore, TrainStore, Protocol):
    """What this module reads and writes."""


@at_work
def compare(
    store: TrainStore, encoder: Encoder, version: str, *, settings: Settings
) -> GateResult | None:
    """Judge a challenger against the model in service; None where there is nothing to compare.

    Each is fitted again on the data that it learnt from, without the examples that judge it: a
    model that had seen them would win. The champion's texts are identified by their hashes; texts
    deleted since are missing. Raises ModelError where either has another encoder.
    """
    champion_version = store.champion_version()
    if champion_version is None or champion_version == version:
        return None
    champion, challenger = store.model(champion_version), store.model(version)
    for record in (champion, challenger):
        _same_encoder(record, encoder.name)
    data = snapshot(store, encoder)
    judges = _judges(data)
    before = _as_it_was(champion, data, judges)
    after = _as_it_was(challenger, data, judges)
    inputs = data.inputs.take(judges)
    ids = [str(i) for i in range(len(judges))]
    models = [
        _refitted(record, data, rows, labels, settings=settings)
        for rows, labels, record in ((*before, champion), (*after, challenger))
    ]
    predictions = [m.predict(ids, inputs, threshold=settings.intent_threshold) for m in models]
    result = judge(
        [data.examples[i].intent for i in judges.tolist()],
        predictions[0],
        predictions[1],
        milliseconds=_milliseconds(models, ids, inputs),
        recall_loss=settings.gate_recall_loss,
    )
    written = _with_gate(store.model(version).card, result.markdown())
    store.describe_model(version, gate=result.record(), card=written, registry_ref=None)
    crossing(
        "gate.described",
        "The verdict is on the card, nothing decided: it is the same when judged again.",
    )
    return result


def promote(
    store: TrainStore, version: str, *, by: str, detail: str = "", tracker: Tracker | None = None
) -> None:
    """Put a model into service; raises ModelError where it cannot be read."""
    record = store.model(version)
    load(record.artefact)
    if store.champion_version() != version:  # else it was, before a task that runs again
        store.decide(version, ModelDecision.PROMOTE, by=by, detail=detail)
    crossing(
        "promote.decided",
        "The model is in service and its decision logged; its card does not say so yet.",
    )
    _noted(store, version, f"promote by {by}. {detail}".rstrip())
    crossing(
        "promote.noted",
        "Postgres decides what is in service; the registry's alias follows when run again.",
    )
    if tracker is not None and record.registry_ref:
        tracker.mark_champion(record.registry_ref)


def refuse(store: TrainStore, version: str, *, by: str, detail: str) -> None:
    """Keep a challenger out of service; the champion stays."""
    decision = ModelDecision.REFUSE if by == "gate" else ModelDecision.REJECT
    if store.model(version).role != ModelRole.RETIRED:
        store.decide(version, decision, by=by, detail=detail)
    crossing(
        "refuse.decided",
        "The model is out of service for good; its card does not say so yet.",
    )
    _noted(store, version, f"kept out by {by}. {detail}".rstrip())


def rollback(store: TrainStore, *, by: str, version: str | None = None) -> str:
    """Put `version`, or the previously served model, into service; return its version.

    Its predictions are still stored and count again. Raises ModelError where there is no such
    model.
    """
    target = version or store.served_before()
    if target is None:
        raise ModelError("No earlier model was in service: there is nothing to roll back to")
    load(store.model(target).artefact)
    if store.champion_version() != target:
        store.decide(target, ModelDecision.ROLLBACK, by=by)
    crossing("rollback.decided", "The earlier model is in service; its card does not say so yet.")
    _noted(store, target, f"rollback by {by}")
    return target


@at_work
def train_intents(
    store: TrainStore,
    encoder: Encoder,
    *,
    settings: Settings,
    by: str = "command line",
    tracker: Tracker | None = None,
) -> tuple[str, dict[str, float]]:
    """Train a model and put it into service if it passes the gate; return version and figures.

    If the data have not changed since the champion was trained, nothing is trained. Raises
    ModelError with the figures where the gate refuses; the champion stays.
    """
    data = snapshot(store, encoder)
    serving = store.champion_version()
    if serving is not None:
        champion = store.model(serving)
        if champion.data_sha256 == data.sha256:
            return serving, dict(champion.metrics)
    record = train_challenger(store, encoder, settings=settings, tracker=tracker, data=data)
    if serving is not None and store.model(serving).encoder == encoder.name:
        result = compare(store, encoder, record.version, settings=settings)
        if result is not None and not result.passed:
            refuse(store, record.version, by="gate", detail="; ".join(result.reasons))
            raise ModelError(
                f"Model {record.version} is refused, {serving} stays in service: "
                + "; ".join(result.reasons)
            )
    promote(store, record.version, by=by, tracker=tracker)
    return record.version, dict(record.metrics)


def verdict_of(
    store: TrainStore, version: str, result: GateResult | None, *, settings: Settings
) -> dict[str, Any]:
    """Return the next step (`ask` a person, `go` on, or `stay`) and the text for the person.

    A refusal is recorded.
    """
    if result is None:
        if store.champion_version() == version:
            return {"next": "stay", "body": "Nothing changed: this model is in service already."}
        body = f"There is no model in service yet. {version} would be the first."
        return {"next": "ask", "body": body}
    if not result.passed:
        refuse(store, version, by="gate", detail="; ".join(result.reasons))
        return {"next": "stay", "body": result.markdown()}
    margin = settings.auto_promote_margin
    may_go = margin is not None and result.changed <= margin
    return {"next": "go" if may_go else "ask", "body": result.markdown()}


def apply_decision(
    store: GovernStore, version: str, *, rejected_by: str | None, settings: Settings
) -> dict[str, Any]:
    """After a decision: predict the window again, or record that a person rejected the model."""
    if store.champion_version() == version:
        days = store.days_discovered(before=dt.date.max)
        n = 0
        if days:
            encoder_name = store.model(version).encoder
            n = predict_again(store, last=max(days), encoder_name=encoder_name, settings=settings)
        return {"version": version, "n_predicted": n}
    if rejected_by:
        refuse(store, version, by=rejected_by, detail="rejected in Airflow")
    return {"version": version, "n_predicted": 0}


def predict_again(
    store: GovernStore, *, last: dt.date, encoder_name: str, settings: Settings
) -> int:
    """Predict the window again with the model in service; return the number of messages."""
    n = 0
    for back in range(settings.window_days):
        day = last - dt.timedelta(back)
        if store.count_by_day(since=day, until=day):
            report = predict_day(store, day, encoder_name=encoder_name, settings=settings)
            n += report.counts["n_predicted"]
    return n


def _milliseconds(
    models: Sequence[IntentModel], ids: list[str], inputs: Inputs
) -> tuple[float, float]:
    """Processor time per message of each model, independent of what else the machine does.

    The models run in turn on one thread, and the least of a few times counts; with more threads,
    waiting would count too.
    """
    from threadpoolctl import threadpool_limits

    seconds: list[list[float]] = [[], []]
    with threadpool_limits(1, user_api="blas"):
        for _ in range(_N_TIMED):
            for spent, model in zip(seconds, models, strict=True):
                started = time.thread_time()
                model.predict(ids, inputs)
                spent.append(time.thread_time() - started)
    n = max(len(ids), 1)
    return 1_000 * min(seconds[0]) / n, 1_000 * min(seconds[1]) / n


def _judges(data: Snapshot) -> Indices:
    """Rows of the examples that judge: chosen by their hashes, so the choice is stable."""
    by_intent: dict[str, list[tuple[str, int]]] = {}
    for row, (key, intent) in enumerate(data.hashes):
        by_intent.setdefault(intent, []).append((key, row))
    rows = [row for keyed in by_intent.values() for _, row in sorted(keyed)[: len(keyed) // _EVERY]]
    return np.sort(np.array(rows, dtype=np.intp))


def _as_it_was(record: ModelRecord, data: Snapshot, judges: Indices) -> tuple[list[int], list[str]]:
    """Rows of today's snapshot that the model learnt from, with their labels at that time."""
    then = dict(record.examples)
    left_out = set(judges.tolist())
    rows, labels = [], []
    for row, (key, _) in enumerate(data.hashes):
        if key in then and row not in left_out:
            rows.append(row)
            labels.append(then[key])
    return rows, labels


def _refitted(
    record: ModelRecord, data: Snapshot, rows: list[int], labels: list[str], *, settings: Settings
) -> IntentModel:
    """A fit without the judges; a model that cannot be refitted speaks for itself.

    Today's recipe stands for a model of a kind that is no longer trained: it saw the judges, and
    would win by that.
    """
    counts = {label: labels.count(label) for label in set(labels)}
    kept = [i for i, label in enumerate(labels) if counts[label] >= _LEAST]
    names = {labels[i] for i in kept}
    if record.kind == "cold" or len(names) < _LEAST:
        return load(record.artefact)
    return train(
        data.inputs.take(np.array([rows[i] for i in kept], dtype=np.intp)),
        [labels[i] for i in kept],
        described={k: v for k, v in data.described.items() if k in names},
        encoder=record.encoder,
        seed=settings.seed,
        precision=settings.intent_precision,
        config=intent_config(settings),
    ).model


def _same_encoder(model: ModelRecord, encoder_name: str) -> None:
    if model.encoder != encoder_name:
        raise ModelError(
            f"Model {model.version} reads embeddings of {model.encoder}, the settings say "
            f"{encoder_name}: train anew or set TRIAGE_ENCODER and TRIAGE_PRECISION back"
        )


def _with_gate(written: str, gate: str) -> str:
    return written.replace("It was the first.", gate, 1)


def _noted(store: TrainStore, version: str, line: str) -> None:
    record = store.model(version)
    if f"UTC: {line}\n\n## Limits" in record.card:
        return  # by a task that was killed after it
    stamp = f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC: {line}"
    none = "None yet: it waits for approval."
    if none in record.card:
        written = record.card.replace(none, f"- {stamp}", 1)
    else:
        written = record.card.replace("\n\n## Limits", f"\n- {stamp}\n\n## Limits", 1)
    store.describe_model(version, gate=None, card=written, registry_ref=None)
