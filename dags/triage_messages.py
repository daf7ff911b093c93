"""Cuts a day's messages into passages, predicts their intents, assigns them to topics.

**When.** As soon as `ingest_messages` has announced the day; the partition key is the day. The
first task waits until every earlier day that has messages is discovered, because messages are
assigned to the topics of the day's eve. It waits for at most a week and takes no slot meanwhile.

**What.** Distinct sentences that have no embedding yet are embedded in `TRIAGE_EMBED_SHARDS`
mapped tasks, each in a slot of the pool `triage_embedding`. `cut` leaves out fillers,
and cuts messages of several subjects into passages; earlier days with messages that a helpdesk has
changed or deleted since are cut, predicted and assigned again. Then intents are predicted and
passages assigned to the topics of the eve. `check` fails unless every message is accounted for, and
only then is the day announced to `discover_topics`.

**A day by hand.** Trigger with the partition key set to the day (`2026-03-29`), or clear the
day's run. Existing embeddings are kept, and repeating a day writes the same rows.

**When it fails or waits.**
- `await_eve` waits: its log names the earlier day that is not finished. Repair that day; this one
  then continues by itself.
- Killed, or out of memory: the task is retried and continues where it stopped. If it recurs, give
  the worker more memory, or the pool fewer slots.
- `EncoderError`: `TRIAGE_ENCODER` names no usable encoder; correct it and clear the run.
"""

import logging
from collections.abc import Mapping
from typing import Any

from airflow.sdk import (
    PartitionedAssetTimetable,
    PokeReturnValue,
    dag,
    get_current_context,
    task,
)
from triage_dag_parts import (
    DEFAULT_ARGS,
    EMBEDDING_POOL,
    MAX_WAITING_DAYS,
    MESSAGES,
    PATIENCE,
    TRIAGED,
    day_of_run,
)

log = logging.getLogger(__name__)


_LOOK_SECONDS = 20
_DAY_SECONDS = 40
"""About as long as a day takes: a day that waits for several others is checked only once they can
be finished. A check takes seconds of CPU time, and in a backfill of a month most days wait."""


@task.sensor(mode="reschedule", poke_interval=_LOOK_SECONDS, timeout=PATIENCE)
def await_eve() -> PokeReturnValue:
    """Wait until the topics of the eve are complete, then return the shards of the day."""
    from triage_run_parts import settings_and_store

    from nlp.jobs.order import unfinished_before

    day = day_of_run()
    with settings_and_store() as (settings, store):
        missing = unfinished_before(store, day, settings=settings)
    if missing:
        wait = max(_LOOK_SECONDS, _DAY_SECONDS * (len(missing) - 1))
        log.info("Waiting for %s days, first %s; next check in %ss", len(missing), missing[0], wait)
        get_current_context()["task"].poke_interval = wait
        return PokeReturnValue(is_done=False)
    n_shards = settings.embed_shards
    shards = [{"shard": shard, "n_shards": n_shards} for shard in range(n_shards)]
    return PokeReturnValue(is_done=True, xcom_value=shards)


@task(
    pool=EMBEDDING_POOL,
    multiple_outputs=False,
    map_index_template="shard {{ task.op_kwargs['shard'] }}",
)
def embed(shard: int, n_shards: int) -> Mapping[str, Any]:
    """Embed the texts of one shard that have no embedding yet."""
    from triage_run_parts import limit_threads, settings_and_store, summary

    limit_threads(n_shards)
    from nlp.jobs.triage import embed_day
    from nlp.text.embed import load_encoder

    day = day_of_run()
    with settings_and_store() as (settings, store):
        encoder = load_encoder(settings)
        report = embed_day(store, encoder, day, settings=settings, shard=shard, n_shards=n_shards)
        return summary(report)


@task(pool=EMBEDDING_POOL, multiple_outputs=False)
def cut() -> Mapping[str, Any]:
    """Cut the messages into passages, and embed those of several sentences.

    Earlier days first, where a helpdesk has changed or deleted messages since.
    """
    from triage_run_parts import limit_threads, settings_and_store, summary

    limit_threads()
    from nlp.jobs.cut import cut_day
    from nlp.jobs.mend import mend_days
    from nlp.text.embed import load_encoder

    with settings_and_store() as (settings, store):
        encoder = load_encoder(settings)
        mend_days(store, encoder, day_of_run(), settings=settings)
        report = cut_day(store, encoder, day_of_run(), settings=settings)
        return {**summary(report), "encoder": encoder.name}


# The encoder's name depends on the precision of the machine, which needs torch to determine. It is
# passed on, so that the next two tasks need not import torch.
@task(multiple_outputs=False)
def predict(passages: Mapping[str, Any]) -> Mapping[str, Any]:
    """Predict the intent of each passage with the model in service."""
    from triage_run_parts import settings_and_store, summary

    from nlp.jobs.triage import predict_day

    name = passages["encoder"]
    with settings_and_store() as (settings, store):
        return summary(predict_day(store, day_of_run(), encoder_name=name, settings=settings))


@task(multiple_outputs=False)
def assign(passages: Mapping[str, Any]) -> Mapping[str, Any]:
    """Assign each passage to the topic it belongs to, or to none."""
    from triage_run_parts import settings_and_store, summary

    from nlp.jobs.triage import assign_day

    name = passages["encoder"]
    with settings_and_store() as (settings, store):
        return summary(assign_day(store, day_of_run(), encoder_name=name, settings=settings))


@task(outlets=[TRIAGED])
def check() -> None:
    """Fail unless the counts agree; else announce the day to `discover_topics`."""
    from triage_run_parts import settings_and_store

    from nlp.jobs.check import check_triaged

    with settings_and_store() as (_, store):
        check_triaged(store, day_of_run())


@dag(
    schedule=PartitionedAssetTimetable(assets=MESSAGES),
    max_active_runs=MAX_WAITING_DAYS,
    default_args=DEFAULT_ARGS,
    tags=["support-triage"],
    doc_md=__doc__,
)
def triage_messages() -> None:
    passages = cut()
    embed.expand_kwargs(await_eve()) >> passages
    [predict(passages), assign(passages)] >> check()


triage_messages()
