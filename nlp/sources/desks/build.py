"""A desk as a source, from its setting and its token."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import TypeAdapter, ValidationError

from nlp.errors import SettingError
from nlp.settings import DeskSource as DeskSetting
from nlp.settings import RestSource, Settings
from nlp.sources.desks.access import Access
from nlp.sources.desks.client import Bounds, Client
from nlp.sources.desks.description import Description
from nlp.sources.desks.known import KNOWN
from nlp.sources.desks.source import DeskSource

_ADAPTER = TypeAdapter(Description)


def description_of(name: str, setting: DeskSetting | RestSource) -> Description:
    """Return how a source is read. Raises SettingError, which names what is wrong."""
    known = (
        _described(name, setting.desk) if isinstance(setting, RestSource) else KNOWN[setting.kind]
    )
    return replace(
        known,
        attributes=(*known.attributes, *setting.attributes),
        columns={**known.columns, **setting.columns},
    )


def desk_source(
    name: str,
    setting: DeskSetting | RestSource,
    settings: Settings,
    *,
    url: str = "",
    user: str = "",
    token: str = "",
) -> DeskSource:
    """Return the source of a setting; `url`, `user` and `token` are those of a connection.

    What a connection says goes first; without one, the token is that of TRIAGE_TOKENS. The caller
    closes `client`. Raises SettingError.
    """
    desk = description_of(name, setting)
    if "{account}" in desk.listing.path and not setting.account:
        raise SettingError(
            f"TRIAGE_SOURCES: {name!r} has no `account`: the number in the address of the desk"
        )
    _check_writing(name, setting, desk, user or setting.user)
    own = settings.tokens.get(name)
    connection = setting.connection or f"triage_{setting.kind}"
    access = Access(
        url=url or setting.url or desk.base,
        user=user or setting.user,
        token=token or (own.get_secret_value() if own else ""),
        remedy=(
            f"Set a valid one as {name!r} in TRIAGE_TOKENS, and its `user` in TRIAGE_SOURCES, or "
            f"both in the Airflow connection {connection!r}"
        ),
        may_be_plain=setting.plain_http,
    )
    client = Client(name, access, desk.auth, headers=desk.headers, bounds=Bounds.of(settings))
    return DeskSource(name, desk=desk, client=client, zone=settings.zone, account=setting.account)


def _check_writing(
    name: str, setting: DeskSetting | RestSource, desk: Description, user: str
) -> None:
    """Raise SettingError where a desk cannot be written to as its setting wants."""
    if setting.write_back is None:
        return
    request = desk.tags if setting.write_back == "tags" else desk.note
    problem = ""
    if request is None:
        problem = f"the desk takes no {setting.write_back}. Choose the other, or none"
    elif "{user}" in str(request.body) and not user:
        problem = "a note needs its author. Set `user` to the id of an admin"
    elif setting.write_back == "note" and not (desk.one or desk.parts):
        problem = "a note can be looked for only where `desk` has `one` or `parts`. Describe one"
    if problem:
        raise SettingError(f"TRIAGE_SOURCES: {name!r}, `write_back`: {problem}")


def _described(name: str, value: Mapping[str, object]) -> Description:
    try:
        return _ADAPTER.validate_python(dict(value))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SettingError(
            f"TRIAGE_SOURCES: {name!r}, `desk`, {place}: {first['msg']}. "
            "nlp/sources/desks/description.py says what it holds"
        ) from None
