"""Tell the labels and data of a web form from what the customer wrote in it.

A form is known by its structure: a run of `Label: value` lines at the beginning, of which at least
two values are data. No label is known by name.
"""

import re
from dataclasses import replace

from nlp.states import Zone
from nlp.text.mail.closing import is_name
from nlp.text.mail.words import Line, is_caseless

_FIELD = re.compile(
    r"[ \t*•]{0,4}([^\W\d_][^:：\n?!.;,]{0,39}?\.?)[ \t*]{0,3}(?:：|:(?!//)(?=\s|\Z|[^\x00-\x7f]))"
)
_FEWEST = 2
"""Fields with data that a form has: prose may have one colon before a number."""
_DATA = re.compile(r"[\d@#]|<[A-Z]+>")


def mark_form(lines: list[Line]) -> list[Line]:
    """Return the lines with FORM for labels and data, a label and its free text cut apart.

    Only lines without a zone are read; where there is no form they return unchanged.
    """
    first = next((i for i, line in enumerate(lines) if line.zone is None and not line.is_blank), -1)
    begins = _cut(lines[first].text) if first >= 0 else None
    if begins is None or not begins[1]:  # "I see two errors:" is prose
        return lines
    end = _end_of_form(lines, first)
    fields = [cut for line in lines[first:end] if (cut := _cut(line.text))]
    if sum(_is_data(value) for _, value in fields) < _FEWEST:
        return lines
    marked = lines[:first]
    for line in lines[first:end]:
        marked += _parted(line)
    rest = lines[end:]
    tail = _trailing_fields(rest)
    marked += rest[: len(rest) - tail]
    return marked + [replace(line, zone=Zone.FORM) for line in rest[len(rest) - tail :]]


def _end_of_form(lines: list[Line], first: int) -> int:
    """Return the line after the last field of the run; blank lines may stand between fields."""
    end = first
    for i in range(first, len(lines)):
        line = lines[i]
        if line.is_blank:
            continue
        cut = _cut(line.text) if line.zone is None else None
        if cut is None:
            return end
        end = i + 1
        if _is_free(cut[1]):  # what follows free text belongs to it
            return end
    return end


def _trailing_fields(lines: list[Line]) -> int:
    """Return how many lines at the end are fields with data, such as a consent."""
    n = 0
    for k, line in enumerate(reversed(lines), 1):
        if line.is_blank:
            continue
        cut = _cut(line.text) if line.zone is None else None
        if cut is None or not _is_data(cut[1]):
            break
        n = k
    return n


def _parted(line: Line) -> list[Line]:
    cut = _cut(line.text)
    if line.zone is not None or cut is None:
        return [line]
    label, value = cut
    if not value or not (_is_free(value) or not _is_data(value)):
        return [replace(line, zone=Zone.FORM)]
    return [Line(label, Zone.FORM), Line(value)]


def _cut(text: str) -> tuple[str, str] | None:
    """Return a label with its colon, and its value; None where the line is no field."""
    match = _FIELD.match(text[:200])
    if match is None or len(match[1].split()) > 5:
        return None
    return text[: match.end()], text[match.end() :].strip()


def _is_free(value: str) -> bool:
    """Whether a value is prose: mostly words in lower case, at least five."""
    if is_caseless(value):
        return len(value) >= 12
    words = value.split()
    n_lower = sum(word[0].islower() for word in words)
    return len(words) >= 5 and 2 * n_lower > len(words)


def _is_data(value: str) -> bool:
    """Whether a value is a number, an address, a name or one word."""
    if not value or _is_free(value) or value.endswith(("?", "!", ".")):
        return False
    words = value.split()
    if len(words) == 1 or _DATA.search(value):
        return True
    if is_caseless(value):
        return len(value) <= 6
    return is_name(value) or all(not word[0].islower() for word in words)
