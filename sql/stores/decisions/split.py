"""A person splits a theme: some of its messages become a theme of their own."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from nlp.errors import ConflictError, DecisionError
from nlp.records import Floats
from nlp.topics.assign import centroid_of, radius_of
from nlp.topics.divide import halves
from sql.queries.messages import Filter
from sql.queries.theme import messages
from sql.rows import Row, fetch
from sql.stores.copy import copy_embeddings_out
from sql.stores.decisions import correct, names, record
from sql.stores.turns import take_turn

MIN_PICKED = 3
MAX_PICKED = 500
_PROPOSED_FROM = 300
_N_EXEMPLARS = 5
_HASHES = """
SELECT message_id::text, text_hash::text, arrived_on FROM triage.messages
WHERE message_id = ANY(CAST(:ids AS uuid[])) ORDER BY message_id
"""


def split(
    connection: Connection,
    topic_id: int,
    message_ids: Sequence[str],
    label: str,
    *,
    actor: str,
    seen: str | None = None,
) -> tuple[int, int]:
    """Move messages of a theme into a new one; return the decision and the new theme's id.

    It has the person's name at once and its keywords from the next discovery on, which has the
    words of all messages to set it apart from; the page loads no language tools.
    """
    take_turn(connection)
    topic = record.living(connection, topic_id)
    record.check_seen(connection, seen, topic_id=topic_id)
    label = names.clean_label(label)
    names.check_free(connection, label, 0)
    ids = sorted(set(message_ids))
    if not MIN_PICKED <= len(ids) <= MAX_PICKED:
        raise DecisionError(
            f"A theme is split off with {MIN_PICKED} to {MAX_PICKED} messages. Was: {len(ids)}. "
            "Pick more, or rename the theme instead"
        )
    rows = _own(connection, topic_id, ids)
    vectors = _vectors(connection, rows)
    child = _child_id(connection)
    _bear(connection, child, label, rows=rows, vectors=vectors)
    made = correct.place(connection, ids, intent=None, topic_id=child, actor=actor)
    detail = f"{len(ids)} messages from {topic['label']}"
    record.event(connection, "split", topic_id, child, actor=actor, detail=detail)
    became = {"topic_id": child, "label": label, "corrections": made, "n_messages": len(ids)}
    number = record.log(connection, "split", actor=actor, topic_id=topic_id, was={}, became=became)
    return number, child


def propose(connection: Connection, topic_id: int) -> list[str]:
    """Return the messages of the smaller half of a theme, as its embeddings fall apart."""
    found = messages(connection, topic_id, Filter(), most=_PROPOSED_FROM)
    rows = fetch(connection, _HASHES, ids=[r["message_id"] for r in found])
    if len(rows) < 2 * MIN_PICKED:
        raise DecisionError("The theme has too few messages to fall into two")
    return [
        r["message_id"]
        for r, part in zip(rows, halves(_vectors(connection, rows)), strict=True)
        if part
    ]


def _own(connection: Connection, topic_id: int, ids: Sequence[str]) -> Sequence[Row]:
    """Rows of the messages. Raises ConflictError where one has left the theme."""
    query = """
        SELECT message_id::text AS id FROM triage.message_triage
        WHERE message_id = ANY(CAST(:ids AS uuid[])) AND topic_id = :topic
    """
    n = len(fetch(connection, query, ids=list(ids), topic=topic_id))
    if n != len(ids):
        raise ConflictError(
            f"{len(ids) - n} of the picked messages are no longer in this theme. Load it again"
        )
    return fetch(connection, _HASHES, ids=list(ids))


def _vectors(connection: Connection, rows: Sequence[Row]) -> Floats:
    """The embeddings of the rows (n, dimension), of the encoder that embedded most of them.

    Raises DecisionError where a message has none.
    """
    hashes = [r["text_hash"] for r in rows]
    encoder = connection.scalar(
        text(
            "SELECT encoder FROM triage.embeddings WHERE text_hash = ANY(CAST(:h AS uuid[])) "
            "GROUP BY 1 ORDER BY count(*) DESC, 1 DESC LIMIT 1"
        ),
        {"h": hashes},
    )
    found, vectors = copy_embeddings_out(
        connection,
        "SELECT text_hash, embedding FROM triage.embeddings "
        "WHERE encoder = %s AND text_hash = ANY(%s::uuid[])",
        (encoder, hashes),
    )
    at = {h: i for i, h in enumerate(found)}
    if missing := [h for h in hashes if h not in at]:
        raise DecisionError(f"{len(missing)} of the messages are not embedded yet. Run triage")
    return vectors[[at[h] for h in hashes]]


def _child_id(connection: Connection) -> int:
    """An id of the last day, counted from the end, where no run's birth gets to."""
    start = int(f"{record.last_day(connection):%Y%m%d}") * 1000
    query = (
        "SELECT coalesce(min(topic_id), :end) FROM triage.topics WHERE topic_id BETWEEN :a AND :end"
    )
    least = connection.scalar(text(query), {"a": start + 500, "end": start + 1000})
    assert least is not None
    return int(least) - 1


def _bear(
    connection: Connection, child: int, label: str, *, rows: Sequence[Row], vectors: Floats
) -> None:
    centroid = centroid_of(vectors)
    nearest = (-(vectors @ centroid)).argsort(kind="stable")[:_N_EXEMPLARS]
    values = {
        "topic": child, "label": label, "day": record.last_day(connection), "size": len(rows),
        "born": min(r["arrived_on"] for r in rows), "radius": radius_of(vectors, centroid),
        "centroid": "[" + ",".join(map(repr, centroid.tolist())) + "]",
        "exemplars": [rows[i]["message_id"] for i in nearest],
    }  # fmt: skip
    connection.execute(
        text(
            "INSERT INTO triage.topics (topic_id, label, label_source, keywords, exemplars, "
            "status, born_on, updated_on) VALUES (:topic, :label, 'person', '{}', "
            "CAST(:exemplars AS uuid[]), 'active', :born, :day)"
        ),
        values,
    )
    connection.execute(
        text(
            "INSERT INTO triage.topic_seeds (topic_id, born_on, centroid, radius, size, exemplars) "
            "VALUES (:topic, :born, CAST(:centroid AS vector), :radius, :size, "
            "CAST(:exemplars AS uuid[]))"
        ),
        values,
    )
    # What the board shows until the next run has counted it; its messages are added as they are
    # placed, by the trigger on corrections.
    connection.execute(
        text(
            "INSERT INTO triage.topic_days (topic_id, day, n_messages, status) "
            "VALUES (:topic, :day, 0, 'new')"
        ),
        values,
    )
