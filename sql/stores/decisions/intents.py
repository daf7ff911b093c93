"""What decisions change of intents, written to Postgres."""

from collections.abc import Mapping

from sqlalchemy import Connection, text

from nlp.lives import Decision, Moved

_EXAMPLES = """
UPDATE triage.labelled_examples e SET intent = :new WHERE intent = :old AND NOT EXISTS (
    SELECT FROM triage.labelled_examples x WHERE x.text_hash = e.text_hash AND x.intent = :new)
RETURNING text_hash::text
"""
_CORRECTIONS = """
UPDATE triage.corrections SET intent = :new WHERE intent = :old RETURNING correction_id::text
"""


class IntentWrites:
    """The part of `nlp.ports.DecisionStore` that writes intents."""

    connection: Connection

    def save_intent(self, name: str, *, description: str) -> None:
        """See `nlp.ports.DecisionStore`."""
        self._do(
            "INSERT INTO triage.intents (name, description) VALUES (:i, :d) "
            "ON CONFLICT (name) DO UPDATE SET active = true",
            i=name,
            d=description,
        )

    def set_active(self, intent: str, *, active: bool) -> None:
        """See `nlp.ports.DecisionStore`."""
        self._do("UPDATE triage.intents SET active = :a WHERE name = :i", i=intent, a=active)

    def describe_intent(self, name: str, *, description: str) -> None:
        """See `nlp.ports.DecisionStore`."""
        query = "UPDATE triage.intents SET description = :d WHERE name = :i"
        self._do(query, i=name, d=description)

    def save_texts(self, texts: Mapping[str, str], *, intent: str, number: int) -> None:
        """See `nlp.ports.DecisionStore`."""
        self._do(
            "INSERT INTO triage.labelled_examples (text_hash, intent, text, origin) "
            "SELECT h, :i, t, :o FROM unnest(CAST(:h AS uuid[]), CAST(:t AS text[])) AS x(h, t) "
            "ON CONFLICT DO NOTHING",
            h=list(texts),
            t=list(texts.values()),
            i=intent,
            o=f"promotion:{number}",
        )

    def move_intent(self, intent: str, name: str) -> Moved:
        """See `nlp.ports.DecisionStore`."""
        values = {"old": intent, "new": name}
        examples, corrections = (
            tuple(self.connection.scalars(text(one), values)) for one in (_EXAMPLES, _CORRECTIONS)
        )
        return Moved(examples, corrections)

    def move_back(self, decision: Decision) -> None:
        """See `nlp.ports.DecisionStore`."""
        self._do("SELECT triage.move_back(:n)", n=decision.number)

    def _do(self, statement: str, **values: object) -> None:
        self.connection.execute(text(statement), values)
