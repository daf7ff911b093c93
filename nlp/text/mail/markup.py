"""Turn HTML mail into lines of text, and say what its markup names as quoted or as a signature.

No parser is used: html.parser takes a minute for 60 kB of `<a <a <a`, and parsers that build a tree
as HTML 5 says are quadratic in the depth of nesting. Reading mail needs no tree, only tags in their
order, and one expression finds those in linear time.
"""

import re
from dataclasses import dataclass, field
from html import unescape

from nlp.states import Zone
from nlp.text.mail.words import Line, vocabulary

_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<close>/?)(?P<name>[a-zA-Z][\w:.-]{0,30})(?P<attributes>[^<>]*+)>"
    r"|<[!?][^<>]*+>|[^<]++|<",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""([a-zA-Z][\w:-]{0,30})\s{0,9}=\s{0,9}("[^"]*+"|'[^']*+'|[^\s"']++)""")
_BLOCKS = vocabulary("tag_block")
_PARAGRAPHS = vocabulary("tag_paragraph")
_VOID = vocabulary("tag_void")
_UNREAD = vocabulary("tag_unread")
_INLINE = vocabulary("tag_inline")
_SIBLINGS = vocabulary("tag_sibling")  # the next one ends the last one
_QUOTE = re.compile(
    r"(?:^|[\s_-])quoted?(?:$|[\s_-])|hmquote|cite-prefix|gmail_attr|forward-container"
    r"|reference-message|zmail_extra|olk_src_body"
)
_QUOTE_AROUND = re.compile(r"gmail_quote|(?:^|\s)quote(?:$|\s)")
_QUOTE_FROM_HERE = re.compile(r"rplyfwdmsg|appendonsend|outlookmessageheader|stopspelling")
_SIGNATURE = re.compile(r"(?:^|[\s_-])signature|mobile-signature|applemailsignature")
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?![.\d]*[1-9])"
    r"|max-height\s*:\s*0(?![.\d]*[1-9])",
    re.IGNORECASE,
)
_NO_MARGIN = re.compile(r"margin(?:-bottom)?\s*:\s*0(?![.\d]*[1-9])", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})(?=[\s/>])[^<>]*+>")


def is_html(text: str) -> bool:
    """Whether a text is HTML: a line break or a known element that is closed, or a whole page.

    `<3`, `a < b`, placeholders such as `<CARD>` and pasted XML are not.
    """
    if "<" not in text or ">" not in text:
        return False
    open_tags: set[str] = set()
    known = _BLOCKS | _INLINE | {"td"}
    for slash, name in _TAG.findall(text):
        tag = name.lower()
        if tag == "br" or (slash and tag in open_tags):
            return True
        if (tag in known and not name.isupper()) or tag in _BLOCKS:
            open_tags.add(tag)
    return bool(open_tags & {"html", "body"}) or text.lstrip()[:9].lower() == "<!doctype"


def lines_of_html(text: str) -> list[Line]:
    """Return the readable lines of an HTML text, with QUOTE and SIGNATURE where markup says so.

    Takes linear time; never raises. A broken tag is read as text.
    """
    reader = _Reader(breaks_kept=not _has_blocks(text))
    for token in _TOKEN.finditer(text):
        if name := token["name"]:
            if token["close"]:
                reader.close(name.lower())
            else:
                reader.open(name.lower(), token["attributes"])
        elif not token[0].startswith(("<!", "<?")):
            reader.read(token[0])
    return reader.lines()


def _has_blocks(text: str) -> bool:
    return any(name.lower() in _BLOCKS or name.lower() == "br" for _, name in _TAG.findall(text))


@dataclass(frozen=True, slots=True)
class _Element:
    name: str
    zone: Zone | None
    is_hidden: bool
    has_gap: bool
    """Whether a blank line stands around it."""
    wrapper: int | None
    """Number of the innermost element around a quote, which may hold answers as well."""


@dataclass(slots=True)
class _Reader:
    """Collects text line by line while tags open and close."""

    breaks_kept: bool
    """Whether line breaks of the source count: yes in chat with a little inline markup."""
    stack: list[_Element] = field(default_factory=lambda: [_Element("", None, False, False, None)])
    n_open: dict[str, int] = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)
    done: list[tuple[str, Zone | None, int | None]] = field(default_factory=list)
    wrappers_with_quote: set[int] = field(default_factory=set)
    n_wrappers: int = 0
    is_history: bool = False

    def open(self, name: str, attributes: str) -> None:
        """Begin an element."""
        if name in _SIBLINGS and self.stack[-1].name == name:
            self.close(name)
        values = {k.lower(): v.strip("\"'") for k, v in _ATTRIBUTE.findall(attributes)}
        element = self.element(name, values)
        if name == "br":
            self.store("".join(self.pieces))
        elif name in _BLOCKS:
            self.end_block(has_gap=element.has_gap)
        elif name in {"td", "th"} and self.pieces:
            self.pieces.append(" ")
        elif name == "img" and not self.stack[-1].is_hidden:
            self.pieces.append(_picture(values))
        if name not in _VOID and not attributes.endswith("/"):
            self.stack.append(element)
            self.n_open[name] = self.n_open.get(name, 0) + 1

    def element(self, name: str, values: dict[str, str]) -> _Element:
        """Return what an element makes of the text in it."""
        outer = self.stack[-1]
        marks = f"{values.get('class', '')} {values.get('id', '')} {values.get('name', '')}".lower()
        style = values.get("style", "")
        has_gap = name in _PARAGRAPHS and not ("msonormal" in marks or _NO_MARGIN.search(style))
        hidden = outer.is_hidden or name in _UNREAD or bool(_HIDDEN.search(style))
        zone, wrapper = outer.zone, outer.wrapper
        if _QUOTE_FROM_HERE.search(marks):
            self.end_block()
            self.is_history = True
        if name == "blockquote":
            if wrapper is not None:
                self.wrappers_with_quote.add(wrapper)
            zone, wrapper = Zone.QUOTE, None
        elif zone is None and _QUOTE_AROUND.search(marks):
            self.n_wrappers += 1
            wrapper = self.n_wrappers
        elif zone is None and _QUOTE.search(marks):
            zone, wrapper = Zone.QUOTE, None
        elif zone is None and _SIGNATURE.search(marks):
            zone = Zone.SIGNATURE
        return _Element(name, zone, hidden, has_gap, wrapper)

    def close(self, name: str) -> None:
        """End the innermost element of that name, and what is still open in it."""
        if name in _BLOCKS:
            self.end_block(has_gap=self.stack[-1].name == name and self.stack[-1].has_gap)
        if not self.n_open.get(name):
            return
        while (element := self.stack.pop()).name != name:
            self.n_open[element.name] -= 1
        self.n_open[name] -= 1

    def read(self, text: str) -> None:
        """Take a run of text between tags."""
        if self.stack[-1].is_hidden:
            return
        text = unescape(text) if "&" in text else text
        if self.breaks_kept or (self.n_open.get("pre") and "\n" in text):
            *whole, text = text.split("\n")
            for line in whole:
                self.store("".join([*self.pieces, line]))
        self.pieces.append(text)

    def end_block(self, *, has_gap: bool = False) -> None:
        """End the line where anything is on it, as a block does that begins or ends."""
        text = "".join(self.pieces)
        if text.strip(" \t\r\n\f"):  # a protected space alone makes a blank line
            self.store(text)
        self.pieces.clear()
        if has_gap:
            self.store("")

    def store(self, text: str) -> None:
        """Store a line; of blank lines at most one at a time."""
        self.pieces.clear()
        text = " ".join(text.split())
        if not text and (not self.done or not self.done[-1][0]):
            return
        element = self.stack[-1]
        zone = Zone.QUOTE if self.is_history else element.zone
        self.done.append((text, zone, element.wrapper))

    def lines(self) -> list[Line]:
        """Return all lines; a wrapper without a quote inside is a quote itself."""
        self.end_block()
        while self.done and not self.done[-1][0]:
            self.done.pop()
        return [
            Line(text, Zone.QUOTE if zone is None and self.is_quote(wrapper) else zone)
            for text, zone, wrapper in self.done
        ]

    def is_quote(self, wrapper: int | None) -> bool:
        """Whether the text directly in a wrapper is quoted."""
        return wrapper is not None and wrapper not in self.wrappers_with_quote


def _picture(values: dict[str, str]) -> str:
    """Return what a picture says: its emoji, `[image]` where it was pasted in, else nothing."""
    if values.get("width", "").strip() in {"0", "1"} or values.get("height") in {"0", "1"}:
        return ""
    if values.get("src", "")[:5].lower() in {"data:"} or values.get("src", "")[:4] == "cid:":
        return " [image] "
    alt = unescape(values.get("alt", ""))
    return alt if len(alt) <= 4 and not alt.isascii() else ""
