"""An erased customer of a helpdesk stays away when the desk is read again."""

from dataclasses import replace

from sqlalchemy import text

from nlp.jobs import erase as job
from nlp.jobs.ingest import ingest_day
from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.fakes import MemoryDesk
from tests.integration.jobs.test_desk_edits import DAYS, conversation

_LEFT = """
SELECT (SELECT count(*) FROM triage.messages), (SELECT count(*) FROM triage.conversations),
       (SELECT count(*) FROM triage.quarantine q WHERE q::text LIKE '%talk-7781%'),
       (SELECT count(*) FROM triage.quarantine WHERE reason = 'erased') > 0
"""


def test_an_erased_conversation_of_a_desk_stays_away(
    store: PostgresStore, settings: Settings
) -> None:
    """Read again, changed or not, its rows are counted as erased, and its id is nowhere."""
    talk = conversation("talk-7781", "I lost my card")
    rows = tuple(replace(r, fields={**r.fields, "customer_id": "maria"}) for r in talk.rows)
    desk = MemoryDesk("desk", {"talk-7781": replace(talk, rows=rows)})
    first = ingest_day(store, desk, DAYS[0], settings=settings).counts
    assert first["n_stored"] == 1
    with store.erasing() as erasures:
        target = job.customer("maria", settings=settings)
        assert job.erase(erasures, target, actor="officer").counts["messages"] == 1
    again = ingest_day(store, desk, DAYS[0], settings=settings).counts
    assert (again["n_stored"], again["n_quarantined"]) == (0, 1)
    with store.engine.connect() as connection:
        assert tuple(connection.execute(text(_LEFT)).one()) == (0, 0, 0, True)
