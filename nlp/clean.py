"""From what a customer typed to what is stored, and from that to what is hashed and embedded."""

import hashlib
import re
import unicodedata
import uuid

PLACEHOLDER = re.compile(r"<(?:CARD|EMAIL|PHONE|IBAN|SSN|IP|URL|PERSON)>")
"""What redaction leaves where personal data stood."""
_MASK = re.compile(r"\b[Xx]{2,}(?:[/\- ]+(?:[Xx]{2,}|\d{2,4}\b))*|\*{2,}\d*|\b\d*[*#]{3,}\d*")
"""Masks of others: `XXXX`, `XX/XX/2023`, `****1234`."""
_BRACED_AMOUNT = re.compile(r"\{(\$?[\d.,]+)\}")
# Everything of Unicode's category C but the line break and the tab, and what emoji are joined with.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def clean(text: str) -> str:
    """Return `text` in NFC without control and direction-override characters, line breaks kept.

    Idempotent; never raises. Emoji and right-to-left text stay.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _CONTROL.sub("", text)).strip()


def normalise(text: str) -> str:
    """Return what is hashed and embedded: no placeholder, no mask, single spaces.

    Idempotent. Empty where nothing else was said.
    """
    previous = None
    while previous != text:  # what a removal brings together may be a mask in turn
        previous = text
        text = _BRACED_AMOUNT.sub(r"\1", _MASK.sub(" ", PLACEHOLDER.sub(" ", text)))
        text = " ".join(text.split())
    return text


def text_hash(normalised: str) -> str:
    """Return the UUID by which equal normalised texts are known."""
    return _uuid(normalised.encode("utf-8", "surrogatepass"))


def message_id(source: str, external_id: str) -> str:
    """Return the UUID of a message, from where it comes and its id there."""
    return _uuid(f"{source}\0{external_id}".encode())


def _uuid(data: bytes) -> str:
    return str(uuid.UUID(bytes=hashlib.blake2b(data, digest_size=16).digest()))
