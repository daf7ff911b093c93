"""A sample of a window that is too large to be read, and the counts of the rest of it."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, Engine, text

from nlp.samples import Pools, Rest
from nlp.topics.graph import fair_share
from nlp.topics.life.heirs import heirs_of
from nlp.topics.sample import thirds
from sql.stores.heirs import merge_records


def standing(condition: str = "") -> str:
    """Return the query for the topics that discovery of :day starts from, merges not followed.

    Of each passage that arrived from :first on and meets `condition`, it is the one that a person
    gave its message, else the latest decision before the day, else the day's own assignment.
    """
    return f"""
SELECT DISTINCT ON (a.passage_id) a.passage_id, a.message_id, a.arrived_on,
       coalesce(c.topic_id, a.topic_id) AS topic_id, c.topic_id IS NOT NULL AS is_corrected,
       bool_or(a.stage = 'assign' AND a.topic_id IS NULL AND a.decided_on = a.arrived_on)
           OVER (PARTITION BY a.passage_id) AS came_free
FROM triage.memberships a
LEFT JOIN (SELECT DISTINCT ON (message_id) message_id, topic_id FROM triage.corrections
           WHERE topic_id IS NOT NULL ORDER BY message_id, corrected_at DESC) c USING (message_id)
WHERE a.arrived_on BETWEEN :first AND :day {condition}
  AND (a.decided_on < :day OR (a.decided_on = :day AND a.stage = 'assign'))
ORDER BY a.passage_id, a.decided_on DESC, a.stage DESC
"""


_N_PASSAGES = "SELECT count(*) FROM triage.passages WHERE arrived_on BETWEEN :first AND :last"
# One row a message and topic; a topic that ended is none.
_MEMBERS = f"""
CREATE TEMP TABLE members ON COMMIT DROP AS
SELECT s.message_id, s.arrived_on, m.source, l.topic_id, bool_or(s.came_free) AS came_free,
       hashtextextended(coalesce(m.customer_hash, m.message_id::text), 0) AS customer
FROM ({standing()}) s
JOIN triage.messages m ON m.message_id = s.message_id AND m.language = ANY(:languages)
LEFT JOIN unnest(CAST(:gone AS bigint[]), CAST(:heirs AS bigint[])) h(gone, heir)
    ON h.gone = s.topic_id AND NOT s.is_corrected
LEFT JOIN unnest(CAST(:all_gone AS bigint[]), CAST(:all_heirs AS bigint[])) k(gone, heir)
    ON k.gone = s.topic_id AND s.is_corrected
LEFT JOIN unnest(CAST(:living AS bigint[])) l(topic_id)
    ON l.topic_id = coalesce(h.heir, k.heir, s.topic_id)
WHERE s.arrived_on <= :last
GROUP BY s.message_id, s.arrived_on, m.source, l.topic_id, 6
"""
_MESSAGES = """
CREATE TEMP TABLE came ON COMMIT DROP AS
SELECT message_id, arrived_on, source, max(topic_id) AS topic_id,
       bool_or(came_free) AS came_free, bool_or(topic_id IS NOT NULL) AS is_clustered
FROM members GROUP BY message_id, arrived_on, source
"""
_SIZES = """
SELECT topic_id, count(*) FROM came WHERE NOT came_free AND topic_id IS NOT NULL GROUP BY 1
"""
_N_FREE = "SELECT count(*) FROM came WHERE came_free AND (arrived_on = :day) = :is_today"
_CLAIMED = """
SELECT passage_id::text FROM triage.passages JOIN (
    SELECT message_id, row_number() OVER (PARTITION BY topic_id ORDER BY message_id) AS place
    FROM came WHERE NOT came_free AND topic_id IS NOT NULL) x USING (message_id)
WHERE place <= :each ORDER BY passage_id
"""
_FREE = """
SELECT passage_id::text FROM triage.passages JOIN (
    SELECT message_id FROM came WHERE came_free AND (arrived_on = :day) = :is_today
    ORDER BY message_id LIMIT :most) x USING (message_id)
ORDER BY passage_id
"""
_ARRIVED = """
SELECT arrived_on, source, count(*), count(*) FILTER (WHERE arrived_on = :day AND is_clustered)
FROM came GROUP BY 1, 2
"""
_TOPICS = """
SELECT topic_id, arrived_on, source, count(*) FROM members WHERE topic_id IS NOT NULL
GROUP BY 1, 2, 3
"""
# Customers are compared by a hash of 64 bits, which sorts five times as fast as a text.
_CUSTOMERS = """
SELECT topic_id, count(*), count(*) FILTER (WHERE is_today) FROM (
    SELECT topic_id, customer, bool_or(arrived_on = :day) AS is_today
    FROM members WHERE topic_id IS NOT NULL GROUP BY 1, 2) x
GROUP BY 1
"""
_MANY = 5
"""Times `most` that are compared to find those that are least like earlier ones."""


class SampleTables:
    """The part of `nlp.ports.TopicStore` that samples a window."""

    engine: Engine

    def pools(
        self,
        *,
        day: dt.date,
        first: dt.date,
        last: dt.date,
        languages: Sequence[str],
        living: Collection[int],
        most: int,
    ) -> Pools | None:
        """See `nlp.ports.TopicStore`."""
        values = {"day": day, "first": first, "last": last, "languages": list(languages)}
        with self.engine.begin() as connection:
            if (connection.scalar(text(_N_PASSAGES), values) or 0) <= most:
                return None
            connection.exec_driver_sql("SET LOCAL work_mem = '256MB'")
            persons = heirs_of(merge_records(connection, persons=True))
            every = heirs_of(merge_records(connection, persons=False, before=day))
            values |= {
                "gone": [*persons], "heirs": [*persons.values()],
                "all_gone": [*every], "all_heirs": [*every.values()], "living": [*living],
            }  # fmt: skip
            connection.execute(text(_MEMBERS), values)
            connection.exec_driver_sql(_MESSAGES)
            return _drawn(connection, day, most, is_free_read=last == day)


def _drawn(connection: Connection, day: dt.date, most: int, *, is_free_read: bool) -> Pools:
    def ids(query: str, **values: object) -> list[str]:
        return list(connection.execute(text(query), {"day": day, **values}).scalars())

    n_today, n_earlier = (
        (connection.scalar(text(_N_FREE), {"day": day, "is_today": is_today}) or 0) * is_free_read
        for is_today in (True, False)
    )
    sizes = [n for _, n in connection.exec_driver_sql(_SIZES)]
    n_claimed, _, _ = thirds(sum(sizes), n_today, n_earlier, most)
    n_free = min(_MANY * most, max(n_today, most // 3)) if is_free_read else 0
    return Pools(
        claimed=ids(_CLAIMED, each=fair_share(sorted(sizes), n_claimed)),
        today=ids(_FREE, is_today=True, most=n_free),
        earlier=ids(_FREE, is_today=False, most=n_free),
        total=_counted(connection, day) if is_free_read else Rest(),
    )


def _counted(connection: Connection, day: dt.date) -> Rest:
    arrived = connection.execute(text(_ARRIVED), {"day": day}).all()
    topics: dict[int, dict[tuple[dt.date, str], int]] = {}
    for topic, arrived_on, source, n in connection.exec_driver_sql(_TOPICS):
        topics.setdefault(topic, {})[arrived_on, source] = n
    customers = connection.execute(text(_CUSTOMERS), {"day": day})
    return Rest(
        arrived={(row[0], row[1]): row[2] for row in arrived},
        topics=topics,
        customers={row[0]: (row[1], row[2]) for row in customers},
        n_clustered=sum(row[3] for row in arrived),
    )
