"""One text of a customer: what is stored and shown of it, what is embedded, and its hash."""

import hashlib
import uuid
from dataclasses import dataclass

from nlp.text.clean import normalise


@dataclass(frozen=True, slots=True)
class OwnText:
    """The forms of one text; `own_text` makes it, and nothing else computes a text hash."""

    text: str
    """Cleaned and redacted: stored and shown."""
    embedded: str
    """Normalised: embedded, read by the intent models, and the language is detected on it. Where
    nothing but placeholders and masks was said, it is `text`, so that `<CARD>` and `<EMAIL>` stay
    two texts."""
    text_hash: str
    """UUID of `embedded`; equal texts share one embedding."""


def own_text(redacted: str) -> OwnText:
    """Return the forms of a text that is cleaned and redacted already.

    The same forms come from what was stored (`text`) and from what was embedded.
    """
    embedded = normalise(redacted) or redacted
    return OwnText(redacted, embedded, _uuid(embedded.encode("utf-8", "surrogatepass")))


def message_id(source: str, external_id: str) -> str:
    """Return the UUID of a message, from where it comes and its id there."""
    return _uuid(f"{source}\0{external_id}".encode())


def passage_id(message: str, n: int) -> str:
    """Return the UUID of passage `n` (1..) of a message; the first has that of its message."""
    return message if n == 1 else _uuid(f"{message}\0{n}".encode())


def _uuid(data: bytes) -> str:
    return str(uuid.UUID(bytes=hashlib.blake2b(data, digest_size=16).digest()))
