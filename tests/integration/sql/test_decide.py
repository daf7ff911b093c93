"""What people decide: done with the reviewer's rights, logged, undone, and kept by the next run."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from nlp.errors import ConflictError, DecisionError, NotFoundError
from nlp.records import Assignment
from nlp.settings import Settings
from sql.connect import PostgresStore
from sql.queries import alerts, board, figures, messages, search, stream, theme
from sql.queries.connect import open_page
from sql.queries.messages import Filter
from sql.stores.decisions import record
from sql.stores.turns import take_turn
from tests import deciding
from tests.three_themes import (
    APP,
    CARD,
    DAY,
    N_EACH,
    NAMES,
    NEXT,
    PIN,
    discovery,
    fill,
    merge_by_a_run,
    message_id,
    run,
    vector,
)


@pytest.fixture
def page(store: PostgresStore, settings: Settings) -> Iterator[Engine]:
    """The page's engine on a day with three themes of eight messages each."""
    fill(store)
    engine = open_page(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def db(page: Engine) -> Iterator[Connection]:
    """A connection of the page, each statement its own transaction where a test begins none."""
    with page.connect() as connection:
        yield connection
        connection.rollback()


def _label(store: PostgresStore, topic: int) -> str:
    with store.engine.connect() as connection:
        query = text("SELECT label FROM triage.topics WHERE topic_id = :t")
        return str(connection.scalar(query, {"t": topic}))


def test_the_page_acts_as_the_reviewer_and_cannot_step_up(page: Engine) -> None:
    """The role is triage_reviewer, RESET ROLE stays there, and quarantine cannot be read."""
    with page.connect() as connection:
        connection.execute(text("RESET ROLE"))
        assert connection.scalar(text("SELECT current_user")) == "triage_reviewer"
        with pytest.raises(Exception, match="permission denied"):
            connection.execute(text("SELECT 1 FROM triage.quarantine"))


def test_a_rename_outlives_the_next_run_and_its_undo_gives_the_model_its_word_back(
    page: Engine, store: PostgresStore
) -> None:
    """A person's label stays after a run; undone, the run's label is shown and kept again."""
    with page.begin() as db:
        number = deciding.rename(db, CARD, "  Lost   cards ", actor="maria", seen="0")
    assert _label(store, CARD) == "Lost cards"
    run(store, NEXT, discovery(list(NAMES)))
    assert _label(store, CARD) == "Lost cards"
    assert next(t.label for t in store.topics_on_eve(NEXT + dt.timedelta(1))) == "Lost cards"
    with page.begin() as db:
        deciding.undo(db, number, actor="ben")
    assert _label(store, CARD) == "Card lost"
    with page.connect() as db:
        output = theme.decisions(db, CARD)
        assert [(d["actor"], d["undone_by"]) for d in output] == [("maria", "ben")]
        assert [e["event"] for e in theme.events(db, CARD)] == ["rename", "rename"]


def test_of_two_who_rename_at_once_the_second_is_told(page: Engine) -> None:
    """The second person's page is older than the first one's decision: nothing is overwritten."""
    with page.begin() as db:
        seen = record.token(db, topic_id=CARD)
        deciding.rename(db, CARD, "Lost cards", actor="maria", seen=seen)
    with pytest.raises(ConflictError, match=r"maria did .rename. here at"), page.begin() as db:
        deciding.rename(db, CARD, "Stolen cards", actor="ben", seen=seen)


@pytest.mark.parametrize(
    ("label", "output"),
    [
        ("x" * 10_000, "at most 120 characters.*Was: 10000"),
        ("🎉🎉🎉", "at least one letter or digit"),
        ("   ", "at least one letter or digit"),
        ("pin BLOCKED", "is called 'pin BLOCKED' already"),
    ],
)
def test_a_bad_name_is_refused_with_the_reason(db: Connection, label: str, output: str) -> None:
    """Too long, nothing but emoji, nothing at all, or another theme's name."""
    with pytest.raises(DecisionError, match=output):
        deciding.rename(db, CARD, label, actor="maria")


def test_a_merge_holds_after_the_next_run_and_can_be_undone_after_it(
    page: Engine, store: PostgresStore
) -> None:
    """The heir takes the messages of every day; after the undo the topic starts the next day."""
    with page.begin() as db:
        number = deciding.merge(db, PIN, CARD, actor="maria", seen="0")
        assert theme.theme(db, PIN)["heir_id"] == CARD  # type: ignore[index]
        assert {r["topic_id"]: r["n_today"] for r in board.board(db, board.Choice(), most=9)} == {
            CARD: 2 * N_EACH, APP: N_EACH,
        }  # fmt: skip
    assert [t.topic_id for t in store.topics_on_eve(NEXT)] == [CARD, APP]
    standing = store.topics_of_passages(day=NEXT, first=DAY)
    assert standing[message_id(PIN, 0)] == CARD
    run(store, NEXT, discovery([CARD, APP]))
    with page.begin() as db:
        assert theme.theme(db, PIN)["status"] == "merged"  # type: ignore[index]
        deciding.undo(db, number, actor="maria")
    after = NEXT + dt.timedelta(1)
    assert [t.topic_id for t in store.topics_on_eve(after)] == [CARD, PIN, APP]
    assert store.topics_of_passages(day=after, first=DAY)[message_id(PIN, 0)] == PIN


def test_merged_parted_and_merged_again_on_one_day_is_merged(
    page: Engine, store: PostgresStore
) -> None:
    """Of decisions of one day the last one holds, however their ids sort."""
    with page.begin() as db:
        deciding.undo(db, deciding.merge(db, PIN, CARD, actor="maria"), actor="maria")
        deciding.merge(db, PIN, CARD, actor="maria")
    assert [t.topic_id for t in store.topics_on_eve(NEXT)] == [CARD, APP]


def test_a_theme_cannot_be_merged_into_itself_or_into_one_that_is_gone(page: Engine) -> None:
    """Each is refused with what to do instead, and so is every request about a merged theme."""
    with page.begin() as db:
        deciding.merge(db, PIN, CARD, actor="maria")
    with pytest.raises(DecisionError, match="into itself"), page.begin() as db:
        deciding.merge(db, CARD, CARD, actor="maria")
    with pytest.raises(DecisionError, match="was merged into"), page.begin() as db:
        deciding.merge(db, CARD, PIN, actor="maria")
    with pytest.raises(NotFoundError, match="no theme 7"), page.begin() as db:
        deciding.rename(db, 7, "x", actor="maria")


def test_a_split_starts_the_next_day_even_where_its_own_day_runs_again(
    page: Engine, store: PostgresStore
) -> None:
    """The new theme is on the board at once, and stands on the eve with the picked messages."""
    picked = [message_id(CARD, n) for n in (1, 3, 5)]
    with page.begin() as db:
        number, child = deciding.split(db, CARD, picked, "Stolen cards", actor="maria", seen="0")
        shown = {r["label"]: r["n_today"] for r in board.board(db, board.Choice(), most=9)}
        assert shown["Stolen cards"] == len(picked)
        own = theme.messages(db, child, Filter(), most=9)
        assert sorted(m["message_id"] for m in own) == picked
        assert len(theme.messages(db, CARD, Filter(), most=9)) == N_EACH - len(picked)
    run(store, DAY, discovery(list(NAMES)))
    result = {t.topic_id: t for t in store.topics_on_eve(NEXT)}
    assert result[child].label == "Stolen cards"
    assert result[child].is_held
    assert result[CARD].is_held
    standing = store.topics_of_passages(day=NEXT, first=DAY)
    assert {m for m, t in standing.items() if t == child} == set(picked)
    with page.begin() as db:
        deciding.undo(db, number, actor="maria")
    assert child not in {t.topic_id for t in store.topics_on_eve(NEXT)}
    assert store.topics_of_passages(day=NEXT, first=DAY)[picked[0]] == CARD


def test_a_proposed_split_is_where_the_embeddings_fall_apart(db: Connection) -> None:
    """Of messages that lean to two sides, one side is proposed, and no other message."""
    proposed = deciding.propose(db, CARD)
    sides = {int(uuid.UUID(m)) % 2 for m in proposed}
    assert len(proposed) == N_EACH // 2
    assert len(sides) == 1


def test_too_few_or_foreign_messages_are_no_split(db: Connection) -> None:
    """Two messages are too few; a message of another theme is a conflict."""
    with pytest.raises(DecisionError, match=r"3 to 500 messages\. Was: 2"):
        deciding.split(db, CARD, [message_id(CARD, n) for n in range(2)], "Two", actor="maria")
    mixed = [message_id(CARD, 0), message_id(CARD, 1), message_id(PIN, 0)]
    with pytest.raises(ConflictError, match="1 of the picked messages are no longer"):
        deciding.split(db, CARD, mixed, "Three", actor="maria")


def test_muting_is_kept_counted_and_undone(page: Engine, store: PostgresStore) -> None:
    """A muted theme is what discovery asks for, is muted on the board, and its undo ends that."""
    with page.begin() as db:
        number = deciding.mute(db, APP, muted=True, actor="maria", seen="0")
        assert board.state_counts(db) == {"steady": 2, "muted": 1}
    run(store, NEXT, discovery(list(NAMES)))
    assert store.muted_topics() == {APP}
    with page.begin() as db:
        deciding.undo(db, number, actor="maria")
    assert store.muted_topics() == set()


def test_a_promotion_gives_training_its_first_examples_and_its_undo_takes_them_back(
    page: Engine, store: PostgresStore
) -> None:
    """Its distinct messages become labelled examples of the new intent; undone, none is left."""
    with page.begin() as db:
        number = deciding.promote(db, APP, " App  crash! ", description="It ends", actor="maria")
    assert [(e.text, e.intent) for e in store.examples()] == [
        (f"App crashes again {n}", "app_crash") for n in range(N_EACH)
    ]
    assert next(t for t in store.topics_on_eve(NEXT) if t.topic_id == APP).is_held
    with page.begin() as db:
        deciding.undo(db, number, actor="maria")
        assert "app_crash" not in figures.names(db)
    assert store.examples() == []


def test_corrections_outrank_the_run_until_they_are_undone(
    page: Engine, store: PostgresStore
) -> None:
    """Intent and theme are those of the person, with the name; undone, those of the run."""
    name = message_id(PIN, 0)
    with page.begin() as db:
        deciding.correct(db, name, intent="pin", actor="maria", seen="0")
        number = deciding.correct(db, name, topic_id=CARD, actor="ben")
        row = messages.message(db, name)
        assert row is not None
        assert (row["intent"], row["topic_id"], row["decided_by"]) == ("pin", CARD, "ben")
    assert store.topics_of_passages(day=NEXT, first=DAY)[name] == CARD
    with page.begin() as db:
        deciding.undo(db, number, actor="ben")
        row = messages.message(db, name)
        assert row is not None
        assert (row["intent"], row["topic_id"], row["decided_by"]) == ("pin", PIN, "run")


def _figures(store: PostgresStore) -> dict[str, dict[tuple[object, ...], int]]:
    """The counts of the board and of the mix, without their empty rows."""
    queries = {
        "days": "SELECT day, topic_id, n_messages FROM triage.topic_days WHERE n_messages > 0",
        "mix": "SELECT day, topic_id, intent, n_messages FROM triage.topic_mix",
    }
    with store.engine.connect() as connection:
        return {
            name: {tuple(r[:-1]): r[-1] for r in connection.execute(text(query))}
            for name, query in queries.items()
        }


def test_figures_follow_a_correction_and_its_undoing_at_once(
    page: Engine, store: PostgresStore
) -> None:
    """One message moves from one theme's counts to another's, and to its intent; undone, back."""
    before = _figures(store)
    with page.begin() as db:
        theme_no = deciding.correct(db, message_id(PIN, 0), topic_id=CARD, actor="maria")
    moved = _figures(store)
    assert moved["days"] == {(DAY, CARD): N_EACH + 1, (DAY, PIN): N_EACH - 1, (DAY, APP): N_EACH}
    assert moved["mix"][DAY, CARD, ""] == N_EACH + 1
    assert moved["mix"][DAY, PIN, ""] == N_EACH - 1
    with page.begin() as db:
        intent_no = deciding.correct(db, message_id(PIN, 0), intent="pin", actor="maria")
        row = board.board(db, board.Choice(ids=[CARD]), most=1)[0]
        assert (row["intent"], row["n_today"]) == ("pin", N_EACH + 1)
    both = _figures(store)
    assert both["mix"][DAY, CARD, "pin"] == 1
    assert both["mix"][DAY, CARD, ""] == N_EACH
    run(store, DAY, discovery(list(NAMES)))
    assert _figures(store)["mix"] == both["mix"]
    with page.begin() as db:
        deciding.undo(db, intent_no, actor="maria")
        deciding.undo(db, theme_no, actor="maria")
    assert _figures(store)["mix"] == before["mix"]


def test_a_split_moves_the_figures_of_its_messages(page: Engine, store: PostgresStore) -> None:
    """What the part counts, the rest no longer counts; undone, the counts are as before."""
    before = _figures(store)
    picked = [message_id(CARD, n) for n in range(3)]
    with page.begin() as db:
        number, child = deciding.split(db, CARD, picked, "Stolen cards", actor="maria")
    after = _figures(store)
    assert (after["days"][DAY, child], after["days"][DAY, CARD]) == (3, N_EACH - 3)
    assert (after["mix"][DAY, child, ""], after["mix"][DAY, CARD, ""]) == (3, N_EACH - 3)
    with page.begin() as db:
        deciding.undo(db, number, actor="maria")
    assert _figures(store) == before


def test_a_day_that_was_not_discovered_gets_no_figures_by_a_correction(
    page: Engine, store: PostgresStore
) -> None:
    """Its counts would be those of one message; its discovery writes all of them."""
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM triage.topic_mix"))
    before = _figures(store)
    with page.begin() as db:
        deciding.correct(db, message_id(PIN, 0), topic_id=CARD, actor="maria")
    assert _figures(store) == before


def test_decisions_and_a_runs_writing_take_turns(page: Engine, store: PostgresStore) -> None:
    """While a run writes the topics nobody decides, and the other way round; then both go on."""
    wait = text("SET LOCAL lock_timeout = '200ms'")
    with store.engine.begin() as writing:
        take_turn(writing)
        with page.connect() as db:
            db.execute(wait)
            with pytest.raises(OperationalError, match="lock timeout"):
                deciding.rename(db, CARD, "Lost cards", actor="maria")
    with page.begin() as db:
        deciding.rename(db, CARD, "Lost cards", actor="maria")
        with store.engine.connect() as other:
            other.execute(wait)
            with pytest.raises(OperationalError, match="lock timeout"):
                take_turn(other)


def test_a_merge_by_a_run_is_parted_and_stays_so(page: Engine, store: PostgresStore) -> None:
    """The theme is back with its messages and counts, held apart; the run again merges nothing."""
    merge_by_a_run(store)
    with page.begin() as db:
        assert len(theme.messages(db, CARD, Filter(), most=99)) == 2 * N_EACH
        number = deciding.part(db, PIN, actor="maria")
        assert theme.decisions(db, PIN)[0]["was"]["heir_id"] == CARD
        own = theme.messages(db, PIN, Filter(), most=99)
        assert sorted(m["message_id"] for m in own) == [message_id(PIN, n) for n in range(N_EACH)]
        shown = {r["topic_id"] for r in board.board(db, board.Choice(), most=9)}
        assert shown == {CARD, PIN, APP}
        output = theme.decisions(db, PIN)[0]
        assert (output["actor"], output["action"]) == ("maria", "unmerge")
        assert output["became"]["n_messages"] == N_EACH
    after = NEXT + dt.timedelta(1)
    for day in (NEXT, after):  # whether the day of the merge runs again or not
        standing = {t.topic_id: t for t in store.topics_on_eve(day)}
        assert set(standing) == {CARD, PIN, APP}
        assert standing[PIN].is_held
        assert store.topics_of_passages(day=day, first=DAY)[message_id(PIN, 0)] == PIN
    with page.begin() as db:
        deciding.undo(db, number, actor="ben")
    assert [t.topic_id for t in store.topics_on_eve(after)] == [CARD, APP]
    assert store.topics_of_passages(day=after, first=DAY)[message_id(PIN, 0)] == CARD


def test_a_parting_is_undone_where_the_heir_is_merged_too(
    page: Engine, store: PostgresStore
) -> None:
    """The theme is merged into its heir again, and counts in the heir's own heir."""
    merge_by_a_run(store)
    with page.begin() as db:
        deciding.merge(db, CARD, APP, actor="maria")
        number = deciding.part(db, PIN, actor="maria")
        deciding.undo(db, number, actor="ben")
        heirs = dict(db.execute(text("SELECT topic_id, heir_id FROM triage.heirs")).all())
        assert heirs == {CARD: APP, PIN: APP, APP: APP}
        assert len(theme.messages(db, APP, Filter(), most=99)) == 3 * N_EACH
    after = NEXT + dt.timedelta(1)
    assert [t.topic_id for t in store.topics_on_eve(after)] == [APP]


def test_only_a_merge_by_a_run_is_parted(page: Engine, store: PostgresStore) -> None:
    """A living theme is not merged; a person's merge is undone as a decision; two cannot part."""
    with pytest.raises(DecisionError, match="is not merged"), page.begin() as db:
        deciding.part(db, PIN, actor="maria")
    with page.begin() as db:
        deciding.merge(db, APP, CARD, actor="maria")
    with pytest.raises(DecisionError, match="maria merged 'App crashes'"), page.begin() as db:
        deciding.part(db, APP, actor="ben")
    with pytest.raises(NotFoundError, match="no theme 7"), page.begin() as db:
        deciding.part(db, 7, actor="ben")
    merge_by_a_run(store)
    with page.begin() as db:
        deciding.part(db, PIN, actor="maria")
    with pytest.raises(DecisionError, match="is not merged"), page.begin() as db:
        deciding.part(db, PIN, actor="ben")


def test_a_parted_theme_leaves_the_heir_what_a_person_or_a_later_run_said(
    page: Engine, store: PostgresStore
) -> None:
    """Messages decided about since the merge stay where they were put."""
    merge_by_a_run(store)
    later = NEXT + dt.timedelta(1)
    taken = replace(discovery([CARD, APP]), assignments=[Assignment(message_id(PIN, 0), APP, 0.9)])
    run(store, later, taken)
    with page.begin() as db:
        deciding.correct(db, message_id(PIN, 1), topic_id=CARD, actor="maria")
        deciding.part(db, PIN, actor="maria")
        own = theme.messages(db, PIN, Filter(), most=99)
        assert {m["message_id"] for m in own} == {message_id(PIN, n) for n in range(2, N_EACH)}


def test_a_placed_message_follows_a_merge_that_a_run_makes(
    page: Engine, store: PostgresStore
) -> None:
    """A person's theme for a message that a later run merges away is its heir from then on."""
    with page.begin() as db:
        deciding.correct(db, message_id(PIN, 0), topic_id=CARD, actor="maria")
    with store.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO triage.topic_events VALUES ('2026-03-10/0000', :d, 'merge', :a, :b, "
                "'run', '')"
            ),
            {"d": NEXT, "a": CARD, "b": APP},
        )
    after = NEXT + dt.timedelta(1)
    assert store.topics_of_passages(day=after, first=DAY)[message_id(PIN, 0)] == APP
    assert store.topics_of_passages(day=NEXT, first=DAY)[message_id(PIN, 0)] == CARD


def test_an_unknown_intent_or_message_is_refused(db: Connection) -> None:
    """Neither is written; each error names what does not exist."""
    with pytest.raises(DecisionError, match="no intent 'nonsense'"):
        deciding.correct(db, message_id(PIN, 0), intent="nonsense", actor="maria")
    with pytest.raises(NotFoundError, match="no message"):
        deciding.correct(db, str(uuid.UUID(int=1)), intent="pin", actor="maria")


def test_an_alert_is_acknowledged_once_and_opened_by_undo(page: Engine) -> None:
    """A person who saw it open learns who acknowledged it; undo opens it again."""
    with page.begin() as db:
        name = alerts.alerts(db)[0]["alert_id"]
        number = deciding.handle(db, name, "acknowledged", actor="maria", seen="open")
    with pytest.raises(ConflictError, match="maria already acknowledged"), page.begin() as db:
        deciding.handle(db, name, "resolved", actor="ben", seen="open")
    with page.begin() as db:
        deciding.undo(db, number, actor="maria")
        assert [a["status"] for a in alerts.alerts(db)] == ["open"]


def test_what_was_undone_or_decided_anew_is_not_undone(page: Engine) -> None:
    """A second undo, and one before a later decision of the same kind, are refused with reason."""
    with page.begin() as db:
        old = deciding.rename(db, CARD, "One", actor="maria")
        new = deciding.rename(db, CARD, "Two", actor="ben")
    with pytest.raises(ConflictError, match=r"ben did .rename. again"), page.begin() as db:
        deciding.undo(db, old, actor="maria")
    with page.begin() as db:
        deciding.undo(db, new, actor="ben")
    with pytest.raises(ConflictError, match="ben has undone this already"), page.begin() as db:
        deciding.undo(db, new, actor="maria")
    with pytest.raises(NotFoundError, match="no decision 999"), page.begin() as db:
        deciding.undo(db, 999, actor="maria")


def test_themes_are_found_by_words_and_by_meaning(db: Connection) -> None:
    """Words match names and messages, a vector the nearest centroid; a foreign one nothing."""
    assert search.by_words(db, "crash", last=DAY)[0] == APP
    assert search.by_words(db, '"unclosed (', last=DAY) == []
    near = search.by_meaning(db, vector(PIN).tolist())
    assert next(iter(near)) == PIN
    assert near[PIN] == pytest.approx(1, abs=1e-3)
    assert search.by_meaning(db, [1.0, 0.0]) == {}


def test_the_mix_of_a_day_counts_every_message_once(
    page: Engine, store: PostgresStore, settings: Settings
) -> None:
    """Channels and intents by topic add up to the messages, also for days before the table."""
    from sql.connect import migrate

    query = text("SELECT topic_id, channel, n_messages FROM triage.topic_mix ORDER BY topic_id")
    expected = [(t, "chat", N_EACH) for t in NAMES]
    with store.engine.begin() as connection:
        assert [tuple(r) for r in connection.execute(query)] == expected
        connection.execute(text("DELETE FROM triage.topic_mix"))
    migrate(settings)
    with store.engine.begin() as connection:
        assert [tuple(r) for r in connection.execute(query)] == expected


def test_messages_are_streamed_by_theme_and_day(page: Engine) -> None:
    """Every message of a theme comes once, with its theme's name; another day has none."""
    with stream.messages_of(page, Filter(), PIN) as (names, rows):
        result = [dict(r) for r in rows]
    assert names == list(result[0])
    assert sorted(r["message_id"] for r in result) == [message_id(PIN, n) for n in range(N_EACH)]
    with stream.messages_of(page, Filter(first=NEXT), None) as (_, rows):
        assert list(rows) == []
    for name in stream.QUERIES:
        with stream.rows_of(page, name) as (names, rows):
            assert all(list(r) == names for r in rows)
