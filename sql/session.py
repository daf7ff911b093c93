"""What holds within each transaction of an engine: its role, its limits, where its types are.

A pooler such as PgBouncer gives each transaction another session, and drops what a client says
when it connects. So all of it is said again as a transaction begins, and the role is checked.
"""

from collections.abc import Mapping
from contextlib import closing

import psycopg
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError

from nlp.errors import DatabaseError

_VECTOR = text(
    "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
    "WHERE e.extname = 'vector' AND NOT n.nspname = ANY(current_schemas(true))"
)


def hold_in_each_transaction(
    engine: Engine, settings: Mapping[str, str], *, role: str | None = None
) -> None:
    """Let every transaction of an engine begin with `settings` and, where it is given, as `role`.

    A transaction that is then another user's is refused with a DatabaseError.
    """
    values = {**settings, **({"role": role} if role else {})}
    parts = ", ".join("set_config(%s, %s, true)" for _ in values)
    statement = f"SELECT {parts}; SELECT current_user"
    arguments = [part for pair in values.items() for part in pair]

    @event.listens_for(engine, "begin")
    def enter(connection: Connection) -> None:
        try:
            with closing(connection.connection.cursor()) as cursor:
                cursor.execute(statement, arguments)
                cursor.nextset()
                row = cursor.fetchone()
        except psycopg.Error as error:
            raise DBAPIError.instance(
                statement, None, error, psycopg.Error, dialect=engine.dialect
            ) from error
        if role and (row is None or row[0] != role):
            raise DatabaseError(
                f"The database does not let this connection act as {role}: it is refused. Ask "
                "whoever runs the pooler between them"
            )


def find_vector(engine: Engine) -> Mapping[str, str]:
    """Return the setting that makes pgvector's types known, where they are in another schema.

    Empty where they are found as it is, or where the extension does not exist yet.
    """
    with engine.connect() as connection:
        schema = connection.scalar(_VECTOR)
    if schema is None:
        return {}
    quoted = engine.dialect.identifier_preparer.quote(str(schema))
    return {"search_path": f'"$user", public, {quoted}'}
