"""The outbox of what is written to tickets, in Postgres."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping

from sqlalchemy import Engine, text

from nlp.records import WriteBack
from nlp.states import WriteState

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('triage.write_back:' || :source))")
_FILL = text(
    """
    INSERT INTO triage.write_backs (key, source, conversation_id, day, topic_id, intent)
    SELECT DISTINCT ON (key) md5(jsonb_build_array(source, conversation_id, topic_id, intent)::text)
               ::uuid AS key, source, conversation_id, :day, topic_id, intent
    FROM (
        SELECT m.source, m.conversation_id, v.topic_id,
               CASE WHEN v.intent_corrected OR NOT v.intent_abstained THEN v.intent END AS intent
        FROM triage.messages m JOIN triage.message_triage v USING (message_id)
        WHERE m.source = :source AND m.arrived_on = :day AND m.author = 'customer'
          AND m.conversation_id IS NOT NULL AND m.joined_to IS NULL) w
    WHERE topic_id IS NOT NULL OR intent IS NOT NULL
    ORDER BY key
    ON CONFLICT DO NOTHING
    """
)
_OPEN = text(
    """
    SELECT w.key::text, w.conversation_id, h.heir_id, t.label, w.intent, w.state = 'sending'
    FROM triage.write_backs w
    LEFT JOIN triage.heirs h ON h.topic_id = w.topic_id
    LEFT JOIN triage.topics t ON t.topic_id = h.heir_id
    WHERE w.source = :source AND w.day <= :day AND w.state IN ('waiting', 'sending')
    ORDER BY w.day, w.key
    """
)
_MARK = text(
    "UPDATE triage.write_backs SET state = :state, changed_at = now() "
    "WHERE key = :key AND state <> :state"
)


class WriteBackTables:
    """The outbox of tickets of `nlp.ports.Store`, on Postgres."""

    engine: Engine

    def write_back(
        self, day: dt.date, *, source: str, write: Callable[[WriteBack], WriteState]
    ) -> Mapping[WriteState, int]:
        """See `nlp.ports.WriteBackStore`; one run at a time writes to a source."""
        own = {"source": source, "day": day}
        counts: Counter[WriteState] = Counter()
        with self.engine.begin() as turn:
            turn.execute(_LOCK, {"source": source})
            with self.engine.begin() as connection:
                connection.execute(_FILL, own)
                due = [WriteBack(*row) for row in connection.execute(_OPEN, own)]
            for one in due:
                self._mark(one.key, WriteState.SENDING)
                state = write(one)
                self._mark(one.key, state)
                counts[state] += 1
        return counts

    def _mark(self, key: str, state: WriteState) -> None:
        with self.engine.begin() as connection:
            connection.execute(_MARK, {"key": key, "state": state})
