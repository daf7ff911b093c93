"""Embeds a day's messages, predicts their intents and assigns them to the standing topics.

**When.** As soon as `ingest_messages` announced the day; the partition key is the day.

**What.** Distinct texts that have no embedding yet are embedded in `TRIAGE_EMBED_SHARDS` mapped
tasks, each in a slot of the pool `triage_embedding`. Then intents are predicted and messages
assigned to the topics as they stood on the eve of the day. `check` fails unless every message
is accounted for, and only then is the day announced to `discover_topics`.

**A day by hand.** Trigger with the partition key set to the day (`2026-03-29`), or clear the
day's run. Embeddings that exist are not made again, and repeating a day leaves the same rows.

**When it fails.**
- Killed, or out of memory: it is tried again and goes on where it stopped. If it recurs, raise
  the worker's memory, or take slots from the pool.
- `DayOrderError`: an earlier day is not finished. Repair that day; this one is tried for an
  hour, after that clear it.
- `EncoderError`: `TRIAGE_ENCODER` names no usable encoder; correct it and clear the run.
"""

from collections.abc import Mapping
from typing import Any

from airflow.sdk import PartitionedAssetTimetable, dag, task
from triage_dag_parts import (
    DEFAULT_ARGS,
    EMBEDDING_POOL,
    MAX_WAITING_DAYS,
    MESSAGES,
    TRIAGED,
    day_of_run,
)


@dag(
    schedule=PartitionedAssetTimetable(assets=MESSAGES),
    max_active_runs=MAX_WAITING_DAYS,
    default_args=DEFAULT_ARGS,
    tags=["support-triage"],
    doc_md=__doc__,
)
def triage_messages() -> None:
    @task
    def plan_shards() -> list[dict[str, int]]:
        """Split the day's distinct texts; the number is fixed here for the whole run."""
        from triage_run_parts import settings_of_task

        day_of_run()
        n_shards = settings_of_task().embed_shards
        return [{"shard": shard, "n_shards": n_shards} for shard in range(n_shards)]

    @task(
        pool=EMBEDDING_POOL,
        multiple_outputs=False,
        map_index_template="shard {{ task.op_kwargs['shard'] }}",
    )
    def embed(shard: int, n_shards: int) -> Mapping[str, Any]:
        """Embed the texts of one shard that have no embedding yet."""
        from triage_run_parts import limit_threads, opened, summary

        limit_threads(n_shards)
        from nlp.jobs.triage import embed_day

        from nlp.embed import load_encoder

        with opened() as (settings, store):
            encoder = load_encoder(settings)
            report = embed_day(
                store, encoder, day_of_run(), settings=settings, shard=shard, n_shards=n_shards
            )
            return summary(report)

    @task(multiple_outputs=False)
    def predict() -> Mapping[str, Any]:
        """Predict each message's intent with the model in service."""
        from nlp.jobs.triage import predict_day
        from triage_run_parts import opened, summary

        from nlp.embed import encoder_name

        with opened() as (settings, store):
            name = encoder_name(settings)
            return summary(predict_day(store, day_of_run(), encoder_name=name, settings=settings))

    @task(multiple_outputs=False, max_active_tis_per_dag=1)
    def assign() -> Mapping[str, Any]:
        """Assign each message to the topic it belongs to, or to none."""
        from nlp.jobs.triage import assign_day
        from triage_run_parts import opened, summary

        from nlp.embed import encoder_name

        with opened() as (settings, store):
            name = encoder_name(settings)
            return summary(assign_day(store, day_of_run(), encoder_name=name, settings=settings))

    @task(outlets=[TRIAGED])
    def check() -> None:
        """Fail unless the counts agree; else announce the day to `discover_topics`."""
        from nlp.jobs.check import check_triaged
        from triage_run_parts import opened

        with opened() as (settings, store):
            check_triaged(store, day_of_run(), settings=settings)

    embed.expand_kwargs(plan_shards()) >> [predict(), assign()] >> check()


triage_messages()
