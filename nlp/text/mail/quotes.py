"""Find the earlier mail that a message quotes.

Answers between quoted lines are the customer's own. What introduces a quote without marking its
lines - a header, a rule, "On ... wrote:" without `>` - makes all that follows it a quote.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nlp.states import Zone
from nlp.text.mail.closing import is_closing, is_contact
from nlp.text.mail.headers import header_at
from nlp.text.mail.words import Line, phrases, phrases_in, stems, vocabulary, words_of

_PREFIX = re.compile(r"[ \t]{0,3}>")
_RULE = re.compile(r"[ \t>]{0,4}([_\-=*~─—]{5,}+)[ \t]*\Z")
_TITLED_RULE = re.compile(
    r"[ \t*]{0,4}[-_=*~─—]{2,}+[ \t]{0,4}([^\n_=]{4,90}?)[ \t]{0,4}[-_=*~─—]{2,}+[ \t*]*\Z"
)
_TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}\b|\d{1,2}時\d{1,2}分|\d{1,2}:\d{2}")
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|(?:19|20)\d\d\s?[年년]|\b\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}\b"
    r"|\b\d{1,2}\.? [^\W\d]{3,10}\b.{0,20}\b\d{1,2}[:.h]\d{2}"
)
_STARTS = re.compile(
    rf"(?<=\s)(?:{'|'.join(sorted(vocabulary('introduction_start')))})\s(?=[^\n]{{0,40}}\d)"
)
_ADDRESS = re.compile(r"\S@\S|<EMAIL>|mailto:", re.IGNORECASE)
_I = re.compile(r"\bI\b(?![.'’])")
_INTRODUCTION = 4
"""Lines over which mail programs wrap an introduction at most."""


@dataclass(frozen=True, slots=True)
class _Introduction:
    """The lines from `start` to before `end`, such as "On Monday, Ann wrote:"."""

    start: int
    end: int
    is_followed: bool
    """Whether lines that are marked as quoted come next."""


def mark_quotes(lines: list[Line]) -> list[Line]:
    """Return the lines with QUOTE, and FORM for a mail's own header at its very beginning.

    Takes linear time.
    """
    lines = _with_prefixes(_cut_introductions(lines))
    history = len(lines)
    quoted: set[int] = set()
    form: set[int] = set()
    has_own = False
    i = 0
    while i < len(lines):
        line = lines[i]
        if line.zone is not None or line.is_blank:
            i += 1
            continue
        header = header_at(lines, i)
        if header and not has_own:
            form.update(range(i, header.end))
            i = header.end
            continue
        if header or _is_separator(lines, i):
            history = i
            break
        if _is_marker(line.text):
            if has_own:
                history = i
                break
            quoted.add(i)
        elif introduction := _introduction(lines, i, quoted):
            quoted.update(range(introduction.start, introduction.end))
            if not introduction.is_followed:
                history = introduction.end
                break
        else:
            has_own = True
        i += 1
    return [_marked(line, i, quoted, form, history) for i, line in enumerate(lines)]


def _marked(line: Line, i: int, quoted: set[int], form: set[int], history: int) -> Line:
    if i >= history or i in quoted:
        return replace(line, zone=Zone.QUOTE)
    return replace(line, zone=Zone.FORM) if i in form else line


def _with_prefixes(lines: list[Line]) -> list[Line]:
    """Mark lines that begin with `>`, and those whose mark a program lost.

    The latter are short rests of a wrapped line, and a signature under a quoted closing.
    """
    if not any(_PREFIX.match(line.text) for line in lines):
        return lines
    is_quoted = [line.zone is Zone.QUOTE or bool(_PREFIX.match(line.text)) for line in lines]
    is_signed = False
    for i in range(1, len(lines)):
        before, line = lines[i - 1].text, lines[i]
        if is_quoted[i]:
            is_signed = is_closing(before.lstrip("> \t"))
            continue
        is_signed = is_quoted[i - 1] and (is_signed or is_closing(before.lstrip("> \t")))
        is_wrapped = line.text[:1].islower() and len(line.text) < 40 and len(before) > 60
        has_quote_below = i + 1 < len(lines) and is_quoted[i + 1]
        if is_quoted[i - 1] and (
            (is_wrapped and has_quote_below) or (is_signed and _is_signature(line.text))
        ):
            is_quoted[i] = True
    return [
        replace(line, zone=Zone.QUOTE) if quoted and line.zone is None else line
        for line, quoted in zip(lines, is_quoted, strict=True)
    ]


def _is_signature(text: str) -> bool:
    """Whether a line under a quoted closing belongs to it: a name, an address, a few words."""
    return is_contact(text) or (0 < len(text.split()) <= 4 and not text.rstrip().endswith("?"))


def _cut_introductions(lines: list[Line]) -> list[Line]:
    """Cut lines in two where an introduction follows other words: "Thanks. On ... wrote:"."""
    cut: list[Line] = []
    for line in lines:
        text = line.text
        start = None
        if line.zone is None and len(text) <= 300 and text.rstrip().endswith((":", "：")):
            start = next((m for m in _STARTS.finditer(text) if m.start()), None)
        if start and _introduces(text[start.start() :], is_followed=False):
            cut += [Line(text[: start.start()].rstrip()), Line(text[start.start() :])]
        else:
            cut.append(line)
    return cut


def _introduction(lines: list[Line], i: int, quoted: set[int]) -> _Introduction | None:
    """Return the introduction that ends in line `i`; its first line is the nearest with a date."""
    last = lines[i].text.rstrip(" \t*_")
    if len(last) > 300 or not (last.endswith((":", "：")) or last.endswith(">")):
        return None
    following = _next_visible(lines, i + 1)
    is_followed = following is not None and following.zone is Zone.QUOTE
    if last.endswith(">") and not (is_followed and _DATE.match(last.lstrip())):
        return None
    text, fallback = "", None
    for start in _starts(lines, i, quoted):
        text = f"{lines[start].text.strip()} {text}".strip()
        if not _introduces(text, is_followed=is_followed):
            continue
        introduction = _Introduction(start, i + 1, is_followed)
        if _DATE.search(text):
            return introduction
        fallback = fallback or introduction
    return fallback if is_followed else None


def _starts(lines: list[Line], i: int, quoted: set[int]) -> Iterator[int]:
    """Yield the lines where an introduction that ends in line `i` may begin, nearest first."""
    for start in range(i, max(-1, i - _INTRODUCTION), -1):
        line = lines[start]
        if line.zone is not None or line.is_blank or start in quoted or len(line.text) > 300:
            return
        yield start


def _introduces(text: str, *, is_followed: bool) -> bool:
    """Whether a text tells who wrote when what follows.

    Nobody introduces earlier mail with "I". Before lines that are marked as quoted, little is
    asked. Elsewhere a verb of writing or an address must stand with a whole date and a time of
    day, because prose says "wrote:" as well.
    """
    words = words_of(text)
    if len(text) > 300 or _I.search(text) or vocabulary("first_person_subject") & set(words):
        return False
    has_date, has_time = bool(_DATE.search(text)), bool(_TIME.search(text))
    has_address = bool(_ADDRESS.search(text))
    has_verb = bool(vocabulary("wrote").intersection(words) or stems("wrote_cjk", text))
    if is_followed:
        return has_verb or (has_date and (has_address or has_time))
    return has_date and (has_time or has_address) and (has_verb or (has_time and has_address))


def _is_separator(lines: list[Line], i: int) -> bool:
    """Whether a rule, with or without words in it, stands before earlier mail."""
    text = lines[i].text
    if len(text) > 200:
        return False
    if _RULE.match(text):
        return _header_follows(lines, i)
    title = _TITLED_RULE.match(text)
    if title is None:
        bare = text.strip(" \t*:：").lower()
        return bare in phrases("original_message")
    says_who_wrote = not vocabulary("wrote").isdisjoint(words_of(title[1]))
    return (
        says_who_wrote
        or bool(stems("original_message", title[1].lower()))
        or _header_follows(lines, i)
    )


def _header_follows(lines: list[Line], i: int) -> bool:
    for j in range(i + 1, min(i + 4, len(lines))):
        if not lines[j].is_blank:
            return header_at(lines, j, after_rule=True) is not None
    return False


def _is_marker(text: str) -> bool:
    """Whether a helpdesk asks here to reply above the line."""
    return len(text) < 160 and bool(phrases_in("reply_marker", text.lower(), set(words_of(text))))


def _next_visible(lines: list[Line], start: int) -> Line | None:
    """Return the first line from `start` on that is not blank, looking three lines far."""
    return next((line for line in lines[start : start + 3] if not line.is_blank), None)
