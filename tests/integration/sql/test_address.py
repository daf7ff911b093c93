"""`sql.address`: the address of the database in every form that people have it."""

import json
import traceback
from urllib.parse import quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlp.errors import DatabaseDownError, SettingError
from nlp.settings import load
from sql.address import address, shown
from sql.connect import connect, conninfo_of

_PLACE = "127.0.0.1:1/desk"
_PLAIN = {"user": "lead", "host": "127.0.0.1", "port": "1", "dbname": "desk"}


def _parts(value: str) -> dict[str, str | None]:
    url = address(value)
    port = None if url.port is None else str(url.port)
    return {"user": url.username, "host": url.host, "port": port, "dbname": url.database}


@pytest.mark.parametrize(
    "value",
    [
        f"postgresql://lead:pw@{_PLACE}",
        f"postgres://lead:pw@{_PLACE}",
        f"postgresql+asyncpg://lead:pw@{_PLACE}?ssl=require",
        f" postgresql+psycopg2://lead:pw@{_PLACE}\n",
        f'"postgresql://lead:pw@{_PLACE}"',
        f"'postgresql://lead:pw@{_PLACE}' ",
        "jdbc:postgresql://127.0.0.1:1/desk?user=lead&password=pw",
        "host=127.0.0.1 port=1 dbname=desk user=lead password=pw",
        "dbname = 'desk' user='lead' password='p w' host='127.0.0.1' port='1' connect_timeout=3",
        f"postgresql://lead:pw@{_PLACE}?pgbouncer=true&schema=public&connection_limit=5",
        f"postgres://lead:pw@{_PLACE}?__extra__=%7B%7D",
    ],
)
def test_every_form_names_the_same_place(value: str) -> None:
    """Schemes, quotes, blanks and options of other programs change nothing of the place."""
    assert _parts(value) == _PLAIN


_EXTRA = {"keepalives": 1, "connect_timeout": 7, "cursor": "dictcursor", "sslmode": "prefer"}


@pytest.mark.parametrize(
    ("query", "options"),
    [
        (urlencode({"__extra__": json.dumps(_EXTRA)}),
         {"keepalives": "1", "connect_timeout": "7", "sslmode": "prefer"}),
        (urlencode({"__extra__": "{}"}), {}),
        (urlencode({"__extra__": '{"iam": false, "hook_params": {"a": 1}}'}), {}),
        ("sslmode=require&keepalives_idle=30", {"sslmode": "require", "keepalives_idle": "30"}),
        ("ssl=true", {"sslmode": "require"}),
    ],
)  # fmt: skip
def test_options_of_a_connection_reach_libpq(query: str, options: dict[str, str]) -> None:
    """What Airflow's interface saves as extra is passed on, but for what is not libpq's."""
    assert dict(address(f"postgres://lead:pw@{_PLACE}?{query}").query) == options


@pytest.mark.parametrize(
    "value",
    [
        "postgresql://lead:pw@db1:1,db2:2/desk?target_session_attrs=read-write",
        "postgresql://lead:pw@db1%3A1%2Cdb2%3A2/desk?target_session_attrs=read-write",
        "host=db1,db2 port=1,2 user=lead password=pw dbname=desk target_session_attrs=read-write",
    ],
)
def test_several_hosts_are_tried_in_turn(value: str) -> None:
    """Each host keeps its port, and psql gets the same."""
    url = address(value)
    assert url.query["host"] == ("db1:1", "db2:2")
    assert shown(url) == "postgresql://lead@db1:1,db2:2/desk"
    words = conninfo_of(url).split()
    assert {"host=db1,db2", "port=1,2", "user=lead", "dbname=desk"} <= set(words)
    assert "pw" not in conninfo_of(url)


_PASSWORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=8
).filter(lambda p: "%" not in p and p == p.strip().strip("\"'"))


@given(_PASSWORDS)
@example("se@cret@word")
@example("secret/w#or?d")
@example("sec@ret/word@x")
@example("secret:word:1")
@example("a@b:1/c?sslmode=x")
def test_a_password_may_hold_any_character(password: str) -> None:
    """As it is or percent-encoded, a password is read whole, and no error shows a part of it."""
    for written in (password, quote(password, safe="")):
        url = address(f"postgresql://lead:{written}@{_PLACE}")
        if _is_a_place(password) and written == password:
            continue
        assert url.password == password
        assert (url.host, url.port, url.database) == ("127.0.0.1", 1, "desk")


def _is_a_place(password: str) -> bool:
    """Whether a part of the password is itself an address, so that nobody could tell."""
    return "@" in password and "/" in password and "?" in password


@pytest.mark.parametrize("password", ["hush@hush", "hush%hush", "hush/hush", "hush#hush", "hush?"])
@pytest.mark.parametrize("query", ["", "?foo=hush", "?sslmode=hush", "?__extra__=hush"])
def test_no_error_shows_a_part_of_a_password(password: str, query: str) -> None:
    """Neither the sentence nor what it is chained to quotes it, whatever else is wrong."""
    settings = load(database_url=f"postgresql://lead:{password}@{_PLACE}{query}", _env_file=None)
    with pytest.raises((DatabaseDownError, SettingError)) as raised:
        connect(settings)
    assert "hush" not in str(raised.value).replace('sslmode value: "hush"', "")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("the hush", "is no URL such as postgresql"),
        ("postgresql://u:hush@h:x/d", "is no URL such as postgresql"),
        ("postgresql://u:hush@h:99999/d", "is no URL such as postgresql"),
        ("mysql://u:hush@h/d", "names 'mysql'"),
        ("host=h password=hush foo=1", "is not of the form host="),
        ("postgres://u:hush@h/d?__extra__=%7B%22iam%22%3A+true%7D", "AWS IAM.*Store a password"),
    ],
)
def test_what_is_no_address_says_what_is(value: str, sentence: str) -> None:
    """The setting is named with what is allowed; the value is hidden."""
    with pytest.raises(SettingError, match=sentence) as raised:
        address(value, key="THE_KEY")
    assert str(raised.value).startswith("THE_KEY ")
    assert "hush" not in "".join(traceback.format_exception(raised.value)).split("SettingError")[1]
