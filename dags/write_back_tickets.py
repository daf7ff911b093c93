"""Writes themes and intents to the tickets of helpdesks whose source says so.

**When.** As soon as `discover_topics` has announced a day; the partition key is the day.

**What.** For each source of `TRIAGE_SOURCES` with `write_back`, the theme and the intent of each
conversation of the day are written to its ticket: as tags, or as an internal note with a link to
the theme (`TRIAGE_PAGE_URL`). Each is written once, also if the task is repeated or was killed. No
source has `write_back` unless it is set; then nothing is done.

**When it fails.**
- `TransientError`: the desk stayed busy. The task is retried and continues.
- `SourceError`: the token may not write, or the address is wrong; the line says what to correct.
  Then clear the task.
- `triage.write_backs` has a row for each; `refused` are those that the desk does not take, as of
  closed tickets. They are not tried again.
"""

from airflow.sdk import PartitionedAssetTimetable, dag, task
from triage_dag_parts import DEFAULT_ARGS, TOPICS, day_of_run


@dag(
    schedule=PartitionedAssetTimetable(assets=TOPICS),
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["support-triage"],
    doc_md=__doc__,
)
def write_back_tickets() -> None:
    @task
    def write_back() -> dict[str, int]:
        """Write to the tickets of the day; return how many were written, by source."""
        from triage_run_parts import settings_and_store, source_named

        from nlp.jobs.write_back import write_back_day

        n_sent = {}
        with settings_and_store() as (settings, store):
            for name, setting in settings.sources.items():
                form = getattr(setting, "write_back", None)
                if form is None:
                    continue
                with source_named(name, settings=settings) as desk:
                    report = write_back_day(
                        store, desk, day_of_run(), as_tags=form == "tags", settings=settings
                    )
                n_sent[name] = report.counts.get("n_sent", 0)
        return n_sent

    write_back()


write_back_tickets()
