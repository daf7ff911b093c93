"""The sentence about the decision that was just made, with its undo."""

from typing import Any

from sqlalchemy import Connection

from sql.rows import fetch
from triage_page.contexts import Flash

_QUERY = """
SELECT d.*, t.label FROM triage.decisions d LEFT JOIN triage.topics t USING (topic_id)
WHERE d.decision_no = :n OR d.became->'step' = to_jsonb(CAST(:n AS bigint)) ORDER BY decision_no
"""


def flash(db: Connection, number: str) -> Flash | None:
    """The decision of that number and the others of its step, None where there is none."""
    if not number.isascii() or not number.isdigit() or len(number) > 15:
        return None
    rows = fetch(db, _QUERY, n=int(number))
    if not rows or rows[0]["decision_no"] != int(number):
        return None
    undone = all(row["undone_at"] is not None for row in rows)
    words = _of_step(rows)
    return Flash(int(number), f"Undone: {words}" if undone else words, undone)


def _of_step(rows: Any) -> str:
    """One sentence about all decisions of a step."""
    if len(rows) > 1 and rows[0]["action"] == "merge":
        return f"{len(rows)} themes were merged into {rows[0]['became']['label']}"
    if len(rows) > 1 and all("messages" in row["became"] for row in rows):
        n, n_intents = sum(r["became"]["n_messages"] for r in rows), {_intent(r) for r in rows}
        return f"{n} messages of {len(n_intents)} intents were taken as guessed"
    return "; ".join(sentence(row) for row in rows)


def _intent(row: Any) -> str:
    return str(row["became"]["intent"])


def sentence(row: Any) -> str:
    """Return a sentence that says what a decision did."""
    became, was = row["became"], row["was"]
    if row["action"] == "correct" and "messages" in became:
        return _of_many(became)
    if row["action"] == "correct":
        parts = [f"intent {became['intent']}"] if "intent" in became else []
        parts += [f"theme {became['label']}"] if "topic_id" in became else []
        return f"Corrected to {' and '.join(parts)}"
    if row["action"] in _ABOUT_ALERTS:
        return _ABOUT_ALERTS[row["action"]](became)
    return _SENTENCES[row["action"]].format(was=was, became=became)


def _assigned(became: Any) -> str:
    owner = became["assigned_to"]
    return f"{owner} takes care of the alert" if owner else "Nobody takes care of the alert now"


def _snoozed(became: Any) -> str:
    day = became["until"]
    return f"The alert is listed again on {day}" if day else "The alert is listed again"


def _commented(became: Any) -> str:
    if not became["unknown"]:
        return "Your comment stands under the alert"
    names = ", ".join(f"@{name}" for name in became["unknown"])
    return f"Your comment stands under the alert; nobody here is called {names}"


_ABOUT_ALERTS = {"assign": _assigned, "snooze": _snoozed, "comment": _commented}


def _of_many(became: Any) -> str:
    n, left = became["n_messages"], became["n_left"]
    name = became["intent"].replace("_", " ")
    words = f"{n} messages are {name} now" if n != 1 else f"1 message is {name} now"
    if not left:
        return words
    return f"{words}; {left} {'was' if left == 1 else 'were'} decided by somebody before and stay"


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
    "define": "{became[intent]} is a new intent, which the next training learns",
    "describe": "What {became[intent]} covers is written down",
    "retire": "{became[intent]} is retired; the next training leaves it out",
    "move": "{became[intent]} is part of {became[name]} now, with its examples",
}
