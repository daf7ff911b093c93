"""Mend what mail gateways and exports leave in a text: transfer encodings, pictures, mojibake."""

import base64
import binascii
import quopri
import re
from email import message_from_string
from email.errors import MessageError
from email.message import Message
from html import unescape

IMAGE = "[image]"
ATTACHMENT = "[attachment]"
_DATA_URI = re.compile(
    r"data:[a-z]{1,20}/[\w.+-]{1,60}(?:;[\w=.-]{1,40}){0,3};base64,\s{0,4}[A-Za-z0-9+/]*+={0,2}"
    r"(?:\s{1,4}[A-Za-z0-9+/]{40,}+={0,2})*+(?:\s{1,4}[A-Za-z0-9+/]{1,99}+(?:={1,2}|(?=[\"')>])))?",
    re.IGNORECASE,
)
_AROUND_IMAGE = re.compile(
    r"<img\b[^<>\0]*+\0[^<>\0]*+>|!\[[^\[\]\n\0]{0,200}+\]\([^()\0\n]{0,9}\0[^()\n\0]{0,200}\)|\0"
)
_BASE64_BLOCK = re.compile(
    r"(?:^|(?<=\n))[ \t>]{0,4}[A-Za-z0-9+/]{60,}+={0,2}[ \t]*+"
    r"(?:\r?\n[ \t>]{0,4}[A-Za-z0-9+/]{60,}+={0,2}[ \t]*+)*+"
    r"(?:\r?\n[A-Za-z0-9+/]{1,99}+={1,2}(?=\s|\Z))?"
)
_BOUNDARY = re.compile(r"(?:^|(?<=\n))--([^\s]{6,100})\r?\n(?=content-)", re.IGNORECASE)
_HEADED = re.compile(r"\s*(?:content-(?:type|transfer-encoding)|mime-version):", re.IGNORECASE)
_QP_CODE = re.compile(r"=(?:[0-9A-F]{2}|\r?\n)")
_QP_SURE = re.compile(r"=3D|=20\r?\n|=[CDE][0-9A-F]=[89AB][0-9A-F]|[^\n]{50}=\r?\n")
_ENTITY = re.compile(r"&(?:amp|nbsp|quot|lt|gt|apos|#\d{2,5}|#x[0-9a-fA-F]{2,5});")


def decode_text(text: str) -> str:
    """Return a text without transfer encodings, inline pictures and mojibake.

    A picture becomes `[image]`, another block of base64 `[attachment]`. Takes linear time; never
    raises; a text that needs none of it is returned as it is.
    """
    if "ontent-" in text or "MIME-" in text or "ONTENT-" in text:
        text = _without_mime(text)
    if ";base64," in text:
        text = _AROUND_IMAGE.sub(IMAGE, _DATA_URI.sub("\0", text.replace("\0", "")))
    if len(text) > 200:
        text = _BASE64_BLOCK.sub(_attachment, text)
    # Only now: a line of base64 may end in "=", as a soft break of quoted-printable does.
    if "=" in text and _is_quoted_printable(text):
        text = _decoded(quopri.decodestring(text.encode("utf-8", "replace")), "utf-8")
    return _without_mojibake(text)


def without_entities(text: str) -> str:
    """Decode the common HTML entities in a text that is not HTML."""
    return _ENTITY.sub(lambda m: unescape(m[0]), text) if "&" in text else text


def _is_quoted_printable(text: str) -> bool:
    """Whether nearly every `=` is a code of quoted-printable, and one can be nothing else."""
    if not _QP_SURE.search(text):
        return False
    return len(_QP_CODE.findall(text)) >= 0.9 * text.count("=")


def _attachment(match: re.Match[str]) -> str:
    block = match[0]
    start = block.lstrip(" \t>")[:400]
    mixed = all(any(map(test, start)) for test in (str.islower, str.isupper, str.isdigit))
    if len(block) < 200 or not mixed:
        return block
    return IMAGE if start.startswith(("iVBOR", "/9j/", "R0lGOD", "UklGR", "Qk")) else ATTACHMENT


def _without_mime(text: str) -> str:
    """Return the readable part of a text that still is, or ends in, the parts of a MIME message."""
    boundary = _BOUNDARY.search(text)
    if boundary is None and not _HEADED.match(text):
        return text
    if text.lower().count("boundary=") > 20:  # the parser is recursive
        return text
    before = text[: boundary.start()] if boundary else ""
    if _HEADED.match(text):
        source, before = text.lstrip(), ""
    else:
        assert boundary is not None
        parts = text[boundary.start() :]
        source = f'Content-Type: multipart/mixed; boundary="{boundary[1]}"\n\n{parts}'
    # Leftovers may be broken in any way, and nested deeper than the parser can go.
    try:
        body = _readable(message_from_string(source))
    except (MessageError, LookupError, ValueError, TypeError, RecursionError):
        return text
    return "\n\n".join(filter(None, (before.strip("\r\n"), body))) or text


def _readable(message: Message) -> str:
    parts = [part for part in message.walk() if not part.is_multipart()]
    kinds = {part.get_content_type() for part in parts}
    texts = []
    for part in parts:
        kind = part.get_content_type()
        if part.get_content_maintype() == "image":
            texts.append(IMAGE)
        elif kind == "text/plain" or (kind == "text/html" and "text/plain" not in kinds):
            texts.append(_payload(part))
        elif part.get_content_maintype() not in {"text", "multipart", "message"}:
            texts.append(ATTACHMENT)
    return "\n\n".join(text.strip("\r\n") for text in texts if text.strip())


def _payload(part: Message) -> str:
    content = str(part.get_payload())
    charset = part.get_content_charset("utf-8")
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    if encoding == "quoted-printable":
        return _decoded(quopri.decodestring(content.encode("utf-8", "replace")), charset)
    if encoding == "base64":
        try:
            return _decoded(base64.b64decode("".join(content.split())), charset)
        except (binascii.Error, ValueError):
            return content
    return content


def _decoded(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return data.decode("cp1252", "replace")


def _without_mojibake(text: str) -> str:
    """Repair UTF-8 that was read as another encoding, line by line, and nothing else."""
    if text.isascii():
        return text
    from ftfy import TextFixerConfig, fix_encoding
    from ftfy.badness import is_bad

    if not is_bad(text):
        return text
    config = TextFixerConfig(fix_c1_controls=False)
    return "\n".join(
        fix_encoding(line, config) if is_bad(line) else line for line in text.split("\n")
    )
