"""The address of the triage database in every form that people have it.

Airflow's connections, libpq's `host=… dbname=…`, JDBC, several hosts, quotes and blanks around it,
and passwords with any character. No error quotes any part of a password.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo
from sqlalchemy.engine import URL

from nlp.errors import SettingError

_DRIVER = "postgresql+psycopg"
_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9]*)(?:\+[a-z0-9_]+)?://(?P<rest>.*)", re.DOTALL)
_HOST = r"(?:\[[0-9a-fA-F:.]+\]|[^/?#@:,\[\]\s]*)(?::\d*)?"
_PLACE = re.compile(rf"(?P<hosts>{_HOST}(?:,{_HOST})*)(?:/(?P<name>[^/?#@]*))?(?:\?(?P<query>.*))?")
_LIBPQ = frozenset(option.keyword.decode() for option in Conninfo.get_defaults())
_FOREIGN = frozenset((
    "schema", "currentSchema", "pgbouncer", "connection_limit", "pool_timeout", "pool_size",
    "statement_cache_size", "prepared_statement_cache_size", "prepareThreshold", "socketTimeout",
    "loginTimeout", "connectTimeout", "ApplicationName", "charset", "async_fallback",
))  # fmt: skip
"""Options of other drivers that change nothing here, or that hold here anyway."""
_SSL = {"true": "require", "1": "require", "on": "require", "false": "disable", "0": "disable"}
_EXTRA = "__extra__"
"""Where Airflow's `get_uri` puts an extra that is not made of texts alone."""


def address(value: str, *, key: str = "TRIAGE_DATABASE_URL") -> URL:
    """Return the URL of a database. Raises SettingError, which names `key` and what is allowed."""
    try:
        return _address(value)
    except _NotAllowedError as error:
        raise SettingError(f"{key} {error}") from None


class _NotAllowedError(Exception):
    """The rest of a sentence that begins with the name of the setting."""


def _address(value: str) -> URL:
    text = value.strip().strip("\"'").strip()
    if re.match(r"\w+\s*=", text) and "://" not in text.split("=")[0]:
        return _of_keywords(text)
    match = _URL.fullmatch(text.removeprefix("jdbc:"))
    if match is None:
        raise _no_url()
    if match["scheme"] not in ("postgresql", "postgres"):
        raise _NotAllowedError(
            f"names {match['scheme']!r}; the triage tables need postgresql. Other databases "
            "can be sources: TRIAGE_SOURCES"
        )
    login, place = _split(match["rest"])
    user, _, password = login.partition(":")
    options = dict(parse_qsl(place["query"] or "", keep_blank_values=True))
    given = {
        "user": unquote(user),
        "password": unquote(password),
        **_hosts(unquote(place["hosts"])),
    }
    if place["name"]:
        given["dbname"] = unquote(place["name"])
    return _url({**{k: v for k, v in given.items() if v}, **_options(options)})


def shown(url: URL) -> str:
    """Return an address for a person: without password and options."""
    hosts = url.query.get("host") if not url.host else None
    if url.host:
        place = f"{url.host}:{url.port}" if url.port else url.host
    else:
        place = ",".join(hosts) if isinstance(hosts, tuple) else hosts or ""
    user = f"{url.username}@" if url.username else ""
    return f"postgresql://{user}{place}/{url.database or ''}"


def _no_url() -> _NotAllowedError:
    return _NotAllowedError(
        "is no URL such as postgresql://user:password@host:5432/database. Was: hidden"
    )


def _split(rest: str) -> tuple[str, re.Match[str]]:
    """Return the login and the place. A password may hold any character, `@` and `/` too.

    The first `@` counts after which all is a place, with options that libpq knows.
    """
    ends = [m.start() for m in re.finditer("@", rest)]
    for at in ends:
        match = _PLACE.fullmatch(rest[at + 1 :])
        if match and _is_known(match["query"]):
            return rest[:at], match
    last = ends[-1] if ends else -1
    match = _PLACE.fullmatch(rest[last + 1 :])
    if match is None:
        raise _no_url()
    return rest[: max(last, 0)], match


def _is_known(query: str | None) -> bool:
    keys = {key for key, _ in parse_qsl(query or "", keep_blank_values=True)}
    return keys <= _LIBPQ | _FOREIGN | {_EXTRA, "ssl"}


def _hosts(hosts: str) -> dict[str, str]:
    """Return libpq's host and port of `h1:5432,h2:5432`."""
    names, ports = [], []
    for one in hosts.split(","):
        match = re.fullmatch(r"(\[[^\]]+\]|[^:]*)(?::(\d*))?", one)
        names.append(match[1].strip("[]") if match else one)
        ports.append((match[2] or "") if match else "")
    if not any(names):
        return {"port": ports[0]} if ports[0] else {}
    return {"host": ",".join(names), "port": ",".join(ports) if any(ports) else ""}


def _of_keywords(text: str) -> URL:
    try:
        parts = conninfo_to_dict(text)
    except psycopg.Error:
        raise _NotAllowedError(
            "is not of the form host=db.example.org dbname=support user=triage "
            "password='secret'. Was: hidden"
        ) from None
    return _url(_options({k: str(v) for k, v in parts.items()}))


def _options(given: Mapping[str, str]) -> dict[str, str]:
    """Return the options that libpq knows, also where they are written for another program."""
    options = {k: v for k, v in given.items() if k not in _FOREIGN and k != _EXTRA}
    if ssl := options.pop("ssl", ""):
        options.setdefault("sslmode", _SSL.get(ssl.lower(), ssl))
    extra = _extra(given.get(_EXTRA))
    if str({**options, **extra}.get("iam", "")).lower() in ("true", "1"):
        raise _NotAllowedError(
            "asks for a token of AWS IAM, which is not made here. Store a password, or name a "
            "proxy that makes tokens"
        )
    options.pop("iam", None)
    known = {
        k: str(v) for k, v in extra.items() if k in _LIBPQ and isinstance(v, str | int | float)
    }
    return {**known, **options}


def _extra(text: str | None) -> dict[str, Any]:
    """Return what Airflow's interface saved as the extra of a connection; `{}` is nothing."""
    try:
        extra = json.loads(text) if text else {}
    except ValueError:
        extra = {}
    return extra if isinstance(extra, dict) else {}


def _url(given: Mapping[str, str]) -> URL:
    """Return the URL of libpq's options."""
    options = dict(given)
    host, port = options.pop("host", ""), options.pop("port", "")
    query: dict[str, str | tuple[str, ...]] = {}
    names, ports = host.split(","), port.split(",")
    is_one = len(names) == 1 and not host.startswith(("/", "@"))
    if not is_one:
        ports = ports if len(ports) == len(names) else ports[:1] * len(names)
        pairs = [f"{n}:{p}" if p else n for n, p in zip(names, ports, strict=True)]
        query["host"] = tuple(pairs) if len(pairs) > 1 else host
        if len(pairs) == 1 and port:
            query["port"] = port
    if any(p and (not p.isdigit() or int(p) > 65_535) for p in ports):
        raise _no_url()
    user, password, name = (options.pop(k, None) for k in ("user", "password", "dbname"))
    return URL.create(
        _DRIVER,
        username=user,
        password=password,
        host=host or None if is_one else None,
        port=int(port) if is_one and port else None,
        database=name,
        query={**query, **options},
    )
