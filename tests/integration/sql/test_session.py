"""`sql.session`: the page's rights hold in every transaction, also behind a pooler."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from nlp.errors import DatabaseError
from nlp.settings import Settings, load
from sql.connect import engine_of, migrate, url_of
from sql.queries.connect import ROLE, open_page
from sql.session import hold_in_each_transaction


class Pooler:
    """Passes a client on to the server, without what it says when it connects.

    As PgBouncer does with `ignore_startup_parameters = options`; without, it `refuses` options.
    """

    def __init__(self, server: str, folder: Path, *, refuses: bool) -> None:
        self.server, self.refuses = server, refuses
        self.n_passed = 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(folder / ".s.PGSQL.5432"))
        self.listener.listen()
        self.threads: list[threading.Thread] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.threads.append(threading.Thread(target=self._pass, args=(client,)))
                self.threads[-1].start()

    def _pass(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self.server)
            if not self._introduce(client, server):
                return
            self.n_passed += 1
            back = threading.Thread(target=_copy, args=(client, server), daemon=True)
            back.start()
            _copy(server, client)
            back.join()

    def _introduce(self, client: socket.socket, server: socket.socket) -> bool:
        (n,) = struct.unpack("!i", client.recv(4, socket.MSG_WAITALL))
        body = client.recv(n - 4, socket.MSG_WAITALL)
        words = body[4:].rstrip(b"\0").split(b"\0")
        phrase = dict(zip(words[::2], words[1::2], strict=True))
        if self.refuses and b"options" in phrase:
            fields = b"SFATAL\0C08P01\0Munsupported startup parameter: options\0\0"
            client.sendall(b"E" + struct.pack("!i", len(fields) + 4) + fields)
            return False
        kept = {k: v for k, v in phrase.items() if k in (b"user", b"database")}
        packet = body[:4] + b"".join(k + b"\0" + v + b"\0" for k, v in kept.items()) + b"\0"
        server.sendall(struct.pack("!i", len(packet) + 4) + packet)
        return True


def _copy(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
    with suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)


@contextmanager
def behind_a_pooler(
    settings: Settings, folder: Path, *, refuses: bool = False
) -> Iterator[tuple[Settings, Pooler]]:
    """Settings that name the same database behind a pooler."""
    url = url_of(settings)
    pooler = Pooler(f"{url.query['host']}/.s.PGSQL.{url.port or 5432}", folder, refuses=refuses)
    address = url.set(query={"host": str(folder)}, port=None).render_as_string(hide_password=False)
    yield load(database_url=address, local_dir=settings.local_dir, _env_file=None), pooler
    pooler.listener.close()
    for thread in pooler.threads:
        thread.join(10)


@pytest.mark.parametrize("refuses", [False, True])
def test_behind_a_pooler_the_page_has_the_reviewers_rights(
    settings: Settings, tmp_path: Path, refuses: bool
) -> None:
    """What a pooler drops or refuses at the start is said in each transaction."""
    with behind_a_pooler(settings, tmp_path, refuses=refuses) as (pooled, pooler):
        engine = open_page(pooled)
        for _ in range(2):
            with engine.begin() as connection:
                shown = "SELECT current_user, current_setting('statement_timeout')"
                assert connection.execute(text(shown)).one() == (ROLE, "30s")
            with engine.connect() as connection, pytest.raises(Exception, match="denied"):
                connection.execute(text("SELECT * FROM triage.quarantine"))
        engine.dispose()
    assert pooler.n_passed


def test_another_session_in_the_middle_changes_nothing(settings: Settings) -> None:
    """After what a pooler does between two transactions, the next one has the rights again."""
    engine = open_page(settings)
    raw = engine.raw_connection()
    raw.cursor().execute("SET SESSION AUTHORIZATION DEFAULT; SET ROLE NONE; DISCARD PLANS")
    raw.commit()
    raw.close()
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT current_user")) == ROLE
    engine.dispose()


def test_a_transaction_of_another_user_is_refused(settings: Settings) -> None:
    """Where the database ignores the role, nothing is read with the rights of the login."""
    engine = engine_of(url_of(settings), connect_timeout=5)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE SCHEMA pooler; CREATE FUNCTION pooler.set_config(text, text, boolean) "
            "RETURNS text LANGUAGE sql AS 'SELECT $2'"
        )
        name = connection.scalar(text("SELECT current_database()"))
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET search_path = pooler, pg_catalog')
    engine.dispose()
    engine = engine_of(url_of(settings), connect_timeout=5)
    hold_in_each_transaction(engine, {}, role=ROLE)
    with pytest.raises(DatabaseError, match=f"act as {ROLE}: it is refused"), engine.begin():
        pass
    engine.dispose()


def test_a_role_that_may_not_be_taken_is_named(settings: Settings) -> None:
    """A login without the role is told which right it lacks."""
    owner = create_engine(make_url(url_of(settings)))
    with owner.begin() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS page_login; CREATE ROLE page_login LOGIN")
    other = url_of(settings).set(username="page_login").render_as_string(hide_password=False)
    with pytest.raises(DatabaseError, match=f"may not act as {ROLE}.*GRANT {ROLE}"):
        open_page(load(database_url=other, local_dir=settings.local_dir, _env_file=None))
    with owner.begin() as connection:
        connection.exec_driver_sql("DROP ROLE page_login")
    owner.dispose()


def test_migrating_and_writing_work_behind_a_pooler(settings: Settings, tmp_path: Path) -> None:
    """The jobs need nothing that a pooler in transaction mode takes away."""
    with behind_a_pooler(settings, tmp_path) as (pooled, _):
        assert migrate(pooled) == migrate(settings)
