"""Where a desk is, and with what it lets one in: its token is for its own host alone."""

from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from nlp.errors import SettingError
from nlp.sources.desks.description import Auth

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Access:
    """Where a desk is, and with what it lets one in."""

    url: str
    token: str = field(repr=False)
    user: str = ""
    remedy: str = "Set TRIAGE_TOKENS"
    """Where a wrong token is put right."""
    may_be_plain: bool = False
    """Whether HTTP without encryption is allowed beyond this machine."""


def is_loopback(url: str) -> bool:
    """Whether an address is one of this machine."""
    return urlsplit(url).hostname in _LOOPBACK


def checked(name: str, access: Access) -> str:
    """Return the address of a desk. Raises SettingError, which never quotes it."""
    example = "an address such as https://acme.zendesk.com"
    try:
        parts = urlsplit(access.url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise SettingError(f"{name}: its `url` is not {example}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise SettingError(f"{name}: its `url` is not {example}")
    if parts.username or parts.password or parts.query:
        raise SettingError(
            f"{name}: its `url` holds more than an address. {access.remedy}, not in the address"
        )
    if parts.scheme == "http" and host not in _LOOPBACK and not access.may_be_plain:
        raise SettingError(
            f"{name}: its `url` begins with http://, which would show the token to the network. "
            'Use https://, or set "plain_http": true in TRIAGE_SOURCES inside a private network'
        )
    return access.url.strip().rstrip("/")


def header_of(name: str, access: Access, auth: Auth) -> dict[str, str]:
    """Return the header that lets one in. Raises SettingError, which never quotes the token."""
    if not access.token or (auth.needs_user and not access.user):
        missing = "token" if not access.token else "`user`"
        raise SettingError(f"{name}: it has no {missing}. {access.remedy}")
    value = auth.value.replace("{user}", access.user).replace("{token}", access.token)
    if auth.is_basic:
        return {auth.header: f"Basic {b64encode(value.encode()).decode()}"}
    if not (value.isascii() and value.isprintable()):
        raise SettingError(f"{name}: its token holds characters that no token has. {access.remedy}")
    return {auth.header: value}
