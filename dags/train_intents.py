"""Trains a new intent model, compares it with the one in service, and asks a person.

**When.** Checked every day. It trains if the latest model is a week old, or if
`TRIAGE_RETRAIN_CORRECTIONS` messages were corrected since; otherwise the run ends. A run by hand
with `{"force": true}` trains in any case.

**What.** A challenger is trained on all labelled examples and corrections, once they are checked.
Challenger and champion are judged on the same held-out messages. A challenger that is worse is
refused, with the figures. One that passes waits for a person: *Required actions* in Airflow's UI
shows the comparison. If it is approved, it goes into service and the window is predicted again. If
it is rejected, or nobody answers within a week, the champion stays. With
`TRIAGE_AUTO_PROMOTE_MARGIN` a challenger that changes few answers needs no approval.

**When it fails.** The model in service stays in every case.
- `TrainingError`, `LabelError`: the labelled data are not sufficient or contradict each other; the
  message names the intent. Correct the data, then clear the run.
- `RegistryError`: MLflow does not answer; the task is retried for an hour. The model is in
  Postgres, so setting `TRIAGE_MLFLOW_URI=off` and clearing the run continues without MLflow.
- `ModelError`: the settings name an encoder that is not the champion's, or an artefact was changed.
  Set the encoder back, or run `triage rollback`.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import CronTriggerTimetable, Param, TriggerRule, dag, get_current_context, task
from triage_dag_parts import DEFAULT_ARGS, EMBEDDING_POOL

NOBODY = "nobody within a week"
APPROVAL = {
    "subject": "Put intent model {{ ti.xcom_pull(task_ids='train')['version'] }} into service?",
    "body": "{{ ti.xcom_pull(task_ids='compare')['body'] }}",
    "defaults": "Reject",
    "response_timeout": dt.timedelta(days=7),
    "execution_timeout": None,
}


class Approval(ApprovalOperator):
    """Airflow's approval, which also passes the name of whoever answered to later tasks.

    On a rejection, Airflow's operator skips the following tasks and never returns its result.
    """

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """Push the name of whoever answered to XCom, then continue as Airflow does."""
        user = event.get("responded_by_user") or {}
        context["ti"].xcom_push(key="answered_by", value=user.get("name", NOBODY))
        return super().execute_complete(context=context, event=event)


@task.short_circuit
def due() -> bool:
    """Continue if a training is due: after a week, after enough corrections, or if forced."""
    from triage_run_parts import settings_and_store

    with settings_and_store() as (settings, store):
        return bool(get_current_context()["params"]["force"]) or store.training_is_due(
            days=7, corrections=settings.retrain_corrections
        )


@task(pool=EMBEDDING_POOL, multiple_outputs=False)
def train() -> Mapping[str, Any]:
    """Train a challenger on all labelled data."""
    from triage_run_parts import limit_threads, settings_and_store

    limit_threads()
    from nlp.intents.tracking import tracker_of
    from nlp.jobs.train import train_challenger
    from nlp.text.embed import load_encoder

    with settings_and_store() as (settings, store):
        record = train_challenger(
            store, load_encoder(settings, store), settings=settings, tracker=tracker_of(settings)
        )
        return {"version": record.version, "encoder": record.encoder}


@task(pool=EMBEDDING_POOL, multiple_outputs=False)
def compare(trained: Mapping[str, Any]) -> Mapping[str, Any]:
    """Judge challenger and champion on the same held-out messages."""
    from triage_run_parts import limit_threads, settings_and_store

    limit_threads()
    from nlp.jobs.govern import compare as judge
    from nlp.jobs.govern import verdict_of
    from nlp.text.embed import load_encoder

    with settings_and_store() as (settings, store):
        result = judge(store, load_encoder(settings, store), trained["version"], settings=settings)
        return verdict_of(store, trained["version"], result, settings=settings)


@task.branch
def decide(verdict: Mapping[str, Any]) -> str | None:
    """Stop, ask a person, or promote at once where the settings allow it."""
    return {"ask": "approve", "go": "promote"}.get(verdict["next"])


@task(trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS, multiple_outputs=False)
def promote(trained: Mapping[str, Any]) -> str:
    """Put the challenger into service, in the name of whoever approved it."""
    from triage_run_parts import settings_and_store

    from nlp.intents.tracking import tracker_of
    from nlp.jobs.govern import promote as put_into_service

    with settings_and_store() as (settings, store):
        by = approver() or "TRIAGE_AUTO_PROMOTE_MARGIN"
        tracker = tracker_of(settings)
        put_into_service(store, trained["version"], by=by, tracker=tracker)
        return by


@task(trigger_rule=TriggerRule.NONE_FAILED, multiple_outputs=False)
def apply_decision(trained: Mapping[str, Any]) -> Mapping[str, Any]:
    """Predict the window again with a new champion, or record that a person rejected it."""
    from triage_run_parts import settings_and_store

    from nlp.jobs import govern

    with settings_and_store() as (settings, store):
        return govern.apply_decision(
            store, trained["version"], rejected_by=approver(), settings=settings
        )


def approver() -> str | None:
    """Return the name of whoever answered in this run, None where nobody was asked."""
    name = get_current_context()["ti"].xcom_pull(task_ids="approve", key="answered_by")
    return str(name) if name else None


@dag(
    schedule=CronTriggerTimetable("0 4 * * *", timezone="UTC"),
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params={"force": Param(False, type="boolean", description="Train whether due or not")},
    tags=["support-triage"],
    doc_md=__doc__,
)
def train_intents() -> None:
    is_due, trained = due(), train()
    approve = Approval(task_id="approve", **APPROVAL)
    chosen, promoted = decide(compare(trained)), promote(trained)
    is_due >> trained
    chosen >> [approve, promoted]
    approve >> promoted >> apply_decision(trained)


train_intents()
