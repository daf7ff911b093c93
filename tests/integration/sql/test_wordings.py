"""What a language model answered: kept, shown above the phrase, below a person, and erased."""

import datetime as dt
import json
from dataclasses import replace

from sqlalchemy import text

from nlp.jobs import erase
from nlp.records import Wording
from nlp.settings import Settings
from sql.connect import PostgresStore
from sql.queries import theme
from tests import deciding
from tests.three_themes import CARD, PIN, fill, message_id

_WORDING = Wording(
    CARD,
    "tiny-model",
    "Card lost",
    "Customers lost their card. They want another one.",
    cited=(message_id(CARD, 0), message_id(CARD, 2)),
    shown=tuple(message_id(CARD, n) for n in range(3)),
)


def _detail(store: PostgresStore, topic: int = CARD) -> theme.ThemeDetail:
    with store.engine.connect() as connection:
        detail = theme.theme(connection, topic)
    assert detail is not None
    return detail


def test_an_answer_is_kept_by_its_question(store: PostgresStore) -> None:
    """The first one stays; a refused one is kept with its reason and gives no label."""
    assert store.wording("a") is None
    store.save_wording("a", _WORDING)
    store.save_wording("a", replace(_WORDING, label="Another"))
    store.save_wording("b", Wording(PIN, "tiny-model", refusal="it is not the JSON"))
    assert store.wording("a") == _WORDING
    refused = store.wording("b")
    assert refused is not None
    assert (refused.label, refused.refusal, refused.cited) == ("", "it is not the JSON", ())
    assert store.labels_by_model() == {CARD: "Card lost"}
    store.save_wording("c", replace(_WORDING, label="Lost cards"))
    assert store.labels_by_model() == {CARD: "Lost cards"}


def test_a_theme_says_who_named_it_and_what_is_cited(
    store: PostgresStore, settings: Settings
) -> None:
    """The model's name and its summary, until a person gives another name; the undo restores."""
    fill(store)
    store.save_wording("a", _WORDING)
    detail = _detail(store)
    assert (detail.label_model, detail.summary) == ("tiny-model", _WORDING.summary)
    assert tuple(map(str, detail.cited)) == _WORDING.cited
    assert (_detail(store, PIN).label_model, _detail(store, PIN).summary) == ("", "")
    with store.engine.begin() as db:
        number = deciding.rename(db, CARD, "Stolen cards", actor="maria")
    assert (_detail(store).label_model, _detail(store).summary) == ("", "")
    with store.engine.begin() as db:
        deciding.undo(db, number, actor="maria")
    assert _detail(store).label_model == "tiny-model"


def test_an_erased_message_takes_the_words_along(store: PostgresStore, settings: Settings) -> None:
    """Also where it was shown and not cited; words that rest on others stay."""
    fill(store)
    store.save_wording("a", _WORDING)
    store.save_wording("b", replace(_WORDING, topic_id=PIN, shown=(message_id(PIN, 0),), cited=()))
    with store.engine.connect() as db:
        query = text("SELECT external_id FROM triage.messages WHERE message_id = :m")
        external = db.scalar(query, {"m": message_id(CARD, 1)})
    target = erase.message(str(external), source=None, settings=settings)
    with store.erasing() as erasures:
        erase.erase(erasures, target, actor="officer", sources=["inbox"], seconds=1)
    assert store.wording("a") is None
    assert store.wording("b") is not None


def test_the_page_escapes_what_a_model_says(store: PostgresStore) -> None:
    """A summary is text, never markup, in the row as in the database."""
    hostile = replace(_WORDING, summary="<b>bold</b> & so on")
    store.save_wording("a", hostile)
    with store.engine.connect() as connection:
        row = connection.execute(text("SELECT to_jsonb(w) FROM triage.wordings w")).scalar_one()
    assert json.loads(json.dumps(row))["summary"] == hostile.summary
    assert dt.datetime.fromisoformat(row["asked_at"]).tzinfo is not None
