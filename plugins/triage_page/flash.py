"""The sentence about the decision that was just made, with its undo."""

from typing import Any

from sqlalchemy import Connection

from sql.rows import first
from triage_page.contexts import Flash

_QUERY = """
SELECT d.*, t.label FROM triage.decisions d LEFT JOIN triage.topics t USING (topic_id)
WHERE d.decision_no = :n
"""


def flash(db: Connection, number: str) -> Flash | None:
    """The decision of that number, None where there is none."""
    if not number.isascii() or not number.isdigit() or len(number) > 15:
        return None
    row = first(db, _QUERY, n=int(number))
    if row is None:
        return None
    undone = row["undone_at"] is not None
    words = sentence(row)
    return Flash(row["decision_no"], f"Undone: {words}" if undone else words, undone)


def sentence(row: Any) -> str:
    """Return a sentence that says what a decision did."""
    became, was = row["became"], row["was"]
    if row["action"] == "correct":
        parts = [f"intent {became['intent']}"] if "intent" in became else []
        parts += [f"theme {became['label']}"] if "topic_id" in became else []
        return f"Corrected to {' and '.join(parts)}"
    return _SENTENCES[row["action"]].format(was=was, became=became)


_SENTENCES = {
    "rename": "{was[label]} is now called {became[label]}",
    "merge": "{was[label]} was merged into {became[label]}",
    "unmerge": "{became[label]} is a theme of its own again, with {became[n_messages]} messages "
    "that the run had moved to {was[label]}",
    "split": "{became[n_messages]} messages became the theme {became[label]}",
    "mute": "No more alerts about this theme",
    "unmute": "Alerts about this theme again",
    "promote": "{became[intent]} is an intent now",
    "note": "Noted",
    "alert": "The alert is {became[status]}",
}
