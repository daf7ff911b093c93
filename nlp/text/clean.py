"""Clean a customer's text for storage, and reduce it to its words for hashing and embedding."""

import re
import unicodedata

PLACEHOLDER = re.compile(
    r"<(?:CARD|EMAIL|PHONE|IBAN|SSN|IP|URL|PERSON|ID|ACCOUNT|SECRET|BIRTHDATE|ADDRESS|PRIVATE)>"
)
"""What redaction puts in the place of personal data."""
_MASK = re.compile(
    r"[$£€]?(?:"
    r"(?=[\d/\-]{0,14}[Xx]{2})(?:[Xx]{2,}|\d{1,6})(?:[/\-](?:[Xx]{2,}|\d{1,6}))+"
    r"|\d{0,6}[Xx]{4,}\d{0,4}"  # also where it touches a word: `onXXXX`
    r"|\b\d{0,6}XX+\d{0,4}\b"  # a whole word: not `XXL`
    r"|(?<!\w)\d{0,6}[*•\#]{2,}\d{0,4}(?!\w))"
)
"""Masks from other systems: `XX/XX/2023`, `XXXX`, `XX`, `****1234`, `4111XXXXXXXX1111`."""
# Invisible characters without meaning, and code points that are not characters: inside a card
# number, one would hide it. The joiners U+200C and U+200D stay: emoji and Persian need them.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    r"\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def clean(text: str) -> str:
    """Return `text` in NFC without control and direction-override characters, line breaks kept.

    Idempotent; never raises. Emoji and right-to-left text stay.
    """
    text = _CONTROL.sub("", _LINE_END.sub("\n", text))
    return unicodedata.normalize("NFC", text).strip()


def normalise(text: str) -> str:
    """Return the words alone: without placeholders and masks, with single spaces.

    Idempotent. Empty where nothing else is left: see `nlp.text.own` for what is embedded then.
    """
    previous = None
    while previous != text:  # a removal may bring characters together that form a mask
        previous = text
        text = _without_braces(_MASK.sub(" ", PLACEHOLDER.sub(" ", text)))
        text = " ".join(text.split())
    return text


def _without_braces(text: str) -> str:
    """Remove the braces around amounts, `{$5.20}`, also nested ones, in one pass."""
    if "{" not in text:
        return text
    out: list[str] = []
    open_at: list[int] = []  # where braces stand in `out` that hold an amount so far, or nothing
    for c in text:
        if c == "}" and open_at and out[-1][-1:] not in ("{", "$"):
            out[open_at.pop()] = ""
            continue
        if c == "{":
            open_at.append(len(out))
        elif c == "$":  # only at the beginning of an amount
            n_empty = next(
                (n for n, at in enumerate(reversed(open_at)) if at != len(out) - 1 - n),
                len(open_at),
            )
            open_at = open_at[len(open_at) - n_empty :]
        elif not (c.isdecimal() or c in ".,"):
            open_at.clear()
        out.append(c)
    return "".join(out)
