"""What people do about alerts, on a store in memory."""

import datetime as dt

import pytest

from nlp.errors import ConflictError, DecisionError, NotFoundError, TriageError
from nlp.jobs import alerts
from nlp.jobs.decide import undo
from nlp.lives import AlertState, Life, Subscription
from nlp.states import AlertStatus, Channel
from nlp.topics.life.state import State
from nlp.topics.lifecycle import MAX_NOTE
from tests.fakes import MemoryStore

DAY = dt.date(2026, 3, 9)
CARD = 20260302001
_ALERT = f"{DAY}/surge/{CARD}"
_PAGE = Channel.PAGE


@pytest.fixture
def store() -> MemoryStore:
    """A topic with an open alert."""
    result = MemoryStore()
    result.state = State({CARD: Life(CARD, DAY, "Card lost")})
    result.alert_states[_ALERT] = AlertState(_ALERT, CARD, AlertStatus.OPEN, None)
    return result


def _assign(store: MemoryStore, person: str, *, actor: str, seen: str | None = None) -> None:
    with store.deciding() as one:
        alerts.assign(
            one, _ALERT, person, actor=actor, channel=_PAGE, seen=seen, people=["ben", "maria"]
        )


def _snooze(store: MemoryStore, until: dt.date | None) -> None:
    with store.deciding() as one:
        alerts.snooze(one, _ALERT, until, actor="maria", channel=_PAGE)


def _undo(store: MemoryStore, number: int) -> None:
    with store.deciding() as one:
        undo(one, number, actor="ben")


def test_an_alert_is_handled_once_and_opened_by_undo(store: MemoryStore) -> None:
    """A second person gets an error that names who acknowledged the alert; undo reopens it."""

    def handle(status: str, *, actor: str, alert: str = _ALERT, seen: str | None = None) -> None:
        with store.deciding() as one:
            alerts.handle(one, alert, status, actor=actor, channel=_PAGE, seen=seen)

    handle("acknowledged", actor="maria", seen="open")
    with pytest.raises(ConflictError, match="maria already acknowledged"):
        handle("resolved", actor="ben", seen="open")
    with pytest.raises(DecisionError, match="Was: gone"):
        handle("gone", actor="ben")
    with pytest.raises(NotFoundError, match="no alert 'x'"):
        handle("open", actor="ben", alert="x")
    _undo(store, 1)
    assert store.alert_states[_ALERT].status == AlertStatus.OPEN


def test_of_two_who_assign_one_alert_the_second_is_told(store: MemoryStore) -> None:
    """Who looked before gets the name of the first; without having looked, the last one wins."""
    _assign(store, "maria", actor="maria", seen="")
    with pytest.raises(ConflictError, match="assigned to maria by now"):
        _assign(store, "ben", actor="ben", seen="")
    assert store.alert_states[_ALERT].assigned_to == "maria"
    _assign(store, "ben", actor="ben")
    with pytest.raises(ConflictError, match="assigned to ben by now"):
        _undo(store, 1)
    _undo(store, 2)
    assert store.alert_states[_ALERT].assigned_to == "maria"
    _assign(store, " ", actor="maria", seen="maria")
    assert store.alert_states[_ALERT].assigned_to is None


def test_an_alert_is_assigned_only_to_somebody_who_is_known(store: MemoryStore) -> None:
    """A user of Airflow, or somebody who decided before; the error lists them."""
    with pytest.raises(DecisionError, match=r"Nobody is called 'eva' here\. Known are ben, maria"):
        _assign(store, "eva", actor="maria")
    assert not store.log
    with store.deciding() as one:
        alerts.comment(one, _ALERT, "Seen", actor="eva", channel=_PAGE)
    _assign(store, "eva", actor="maria")
    assert store.alert_states[_ALERT].assigned_to == "eva"


def test_an_alert_is_put_off_until_a_later_day(store: MemoryStore) -> None:
    """A day that is past or over a year away is refused; each undo restores the day before it."""
    with store.deciding() as one:
        last = one.last_day()
    for wrong in (last, last - dt.timedelta(3), last + dt.timedelta(400)):
        with pytest.raises(DecisionError, match=f"Was: {wrong}"):
            _snooze(store, wrong)
    days = [last + dt.timedelta(n) for n in (1, 7)]
    for day in days:
        _snooze(store, day)
    with pytest.raises(ConflictError, match="again since"):
        _undo(store, 1)
    _undo(store, 2)
    assert store.alert_states[_ALERT].snoozed_until == days[0]
    _snooze(store, None)
    assert store.alert_states[_ALERT].snoozed_until is None
    _undo(store, 3)
    _undo(store, 1)
    assert store.alert_states[_ALERT].snoozed_until is None


def test_a_comment_mentions_whom_it_names(store: MemoryStore) -> None:
    """Known names are told apart from others; an address in the text mentions nobody."""
    _assign(store, "maria", actor="maria")
    with store.deciding() as one:
        words = "@ben look at  this,\n@maria. Not @nobody, nor me@ben.example or a@@ben"
        alerts.comment(one, _ALERT, words, actor="eva", channel=_PAGE, people=["ben"])
    became = store.log[2].became
    assert (
        became["comment"] == "@ben look at this, @maria. Not @nobody, nor me@ben.example or a@@ben"
    )
    assert became["mentions"] == ["ben", "maria"]
    assert became["unknown"] == ["nobody"]


@pytest.mark.parametrize(
    ("comment", "problem"), [(" \n", "Write something"), ("x" * (MAX_NOTE + 1), "at most 2000")]
)
def test_an_empty_or_endless_comment_is_refused(
    store: MemoryStore, comment: str, problem: str
) -> None:
    """Neither is logged."""
    with pytest.raises(DecisionError, match=problem), store.deciding() as one:
        alerts.comment(one, _ALERT, comment, actor="eva", channel=_PAGE)
    assert not store.log


def test_a_second_subscription_to_the_same_changes_the_address(store: MemoryStore) -> None:
    """To a theme and to a segment; each is listed once."""
    segment = Subscription("maria", None, "app", "8.2")
    for wanted in (
        Subscription("maria", CARD),
        segment,
        Subscription("maria", CARD, address="maria@bank.example"),
    ):
        with store.deciding() as one:
            alerts.subscribe(one, wanted)
    assert store.subscriptions == [
        segment,
        Subscription("maria", CARD, None, None, "maria@bank.example"),
    ]


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (Subscription("maria", 7), "no theme 7"),
        (Subscription("maria", CARD, address="maria"), "Was: 'maria'"),
        (Subscription("maria", CARD, address="a@b.example, c@d.example"), "Write an address"),
        (Subscription("maria", None, "app", ""), "an attribute and its value"),
        (Subscription(" ", CARD), "name of a person"),
    ],
)
def test_a_wrong_subscription_is_refused(
    store: MemoryStore, wanted: Subscription, problem: str
) -> None:
    """The error names what is wrong, and nothing is stored."""
    with pytest.raises(TriageError, match=problem), store.deciding() as one:
        alerts.subscribe(one, wanted)
    assert store.subscriptions == []
