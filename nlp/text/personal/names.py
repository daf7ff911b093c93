"""Find names of people by the words beside them, by lists, and by how words are written.

After Philter (Norgeot et al. 2020, PMC7156708): beside a cue, what is no safe word is a name, known
or not. Elsewhere a list of names decides, where the word is no ordinary one.
"""

import re
from collections.abc import Iterator

from nlp.text.personal.begins import (
    begins,
    is_alone,
    is_capital_name,
    is_thing,
)
from nlp.text.personal.cues import Cue, cue_before
from nlp.text.personal.lists import (
    BRAND,
    FAMILY,
    GIVEN,
    NAME,
    NEVER,
    ORDINARY,
    PROPER,
    SAFE,
    USUAL,
    folded,
    listed,
)
from nlp.text.personal.lower import begins_lower
from nlp.text.personal.signs import may_hold_name
from nlp.text.personal.tokens import Tokens, tokens_of

Span = tuple[int, int]

_LONGEST = 5
"""Words of a name at most."""
_LABEL = re.compile(
    r"(?:^|(?<=\n))[ \t>*•\-]{0,6}([^\W\d_][^:：\n|@<>]{0,29})(?:[:：][ \t*]{0,4}| [-–] |(?<=[^\W\d_])\n)([^\n<>|@]{1,80})"
)
_FIELD = re.compile(
    r"(?<![^\W_])[\"']?([A-Za-z][A-Za-z_-]{2,30})[\"']?[ ]?[:=][ ]?[\"']?([^\n<>|@\"'&{}\[\],;=]{1,60})"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|[_-]")
_WORD_BEFORE = re.compile(r"([^\W\d_]+)[ \t_.-]$")
_LONGEST_WORD = 30
_SENTENCE = re.compile(r"[.!?](?:\s|$)| [-–|] ")


def names_in(text: str, *, is_around: bool = False) -> list[Span]:
    """Return the spans of names in a text without placeholders, in order; linear time.

    `is_around`: the text is a greeting, closing or signature, where a line may be a name alone.
    """
    spans: list[Span] = []
    if is_around or may_hold_name(text):
        spans += _by_words(tokens_of(text), is_around=is_around)
    if ":" in text or "=" in text or "\n" in text or "：" in text or " - " in text or " – " in text:
        spans += _by_labels(text)
    return _apart(spans)


def could_be_name(text: str) -> bool:
    """Whether what a model calls a person is more than ordinary words, places and companies."""
    known = tokens_of(text).known
    return any((k & NAME and not k & BRAND) or not k & SAFE for k in known) or not known


def _apart(spans: list[Span]) -> list[Span]:
    """Join spans that overlap; in order."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def holds_name(phrase: str) -> bool:
    """Whether a word of a phrase in lower case is a name and nothing else, as `lindqvist` is."""
    tokens = tokens_of(phrase)
    return any(known & NAME and not known & SAFE for known in tokens.known)


def _by_words(tokens: Tokens, *, is_around: bool) -> Iterator[Span]:
    i = 0
    while i < len(tokens):
        end = _end_of_name(tokens, i, is_around=is_around)
        if end:
            start = tokens.spans[i][0]
            yield start, tokens.spans[end - 1][1]
            i = end
        else:
            i += 1


def _end_of_name(tokens: Tokens, i: int, *, is_around: bool) -> int:
    """Return the word after the name that begins with word `i`; 0 where none begins."""
    known = tokens.known[i]
    if known & NEVER and not tokens.is_initial(i):
        return _end_after_never(tokens, i)
    is_capital = tokens.is_capital(i)
    if not is_capital and known & SAFE and not known & NAME:
        return 0
    cue = cue_before(tokens, i)
    if is_around and cue is Cue.NONE and is_capital and _begins_line(tokens, i):
        cue = Cue.NAMED
    if not (begins if is_capital else begins_lower)(tokens, i, cue):
        return 0
    end = _extended(tokens, i, cue)
    return 0 if cue < Cue.NAMED and _is_company(tokens, end) else end


def _is_company(tokens: Tokens, end: int) -> bool:
    """Whether the word at `end` makes a company or a place of the name before it."""
    return any(
        at < len(tokens) and tokens.is_next(at) and tokens.is_capital(at) and is_thing(tokens, at)
        for at in (end, end - 1)
    )


def _end_after_never(tokens: Tokens, i: int) -> int:
    """Return the end of a name such as May Parker or Will Hughes, whose first word is ordinary."""
    if not tokens.known[i] & GIVEN or not tokens.is_capital(i) or tokens.is_upper(i):
        return 0
    cue = cue_before(tokens, i)
    known_usual = bool(tokens.known[i] & USUAL)
    has_family = i + 1 < len(tokens) and is_capital_name(tokens, i + 1, FAMILY)
    is_rare = has_family and not tokens.known[i + 1] & ORDINARY
    if has_family and (is_rare or known_usual) and tokens.is_next(i + 1):
        return _extended(tokens, i, Cue.NAMED)
    if cue is not Cue.NAMED or tokens.words[i] in listed("words", "addressed"):
        return 0
    is_role = tokens.words[i - 1] in listed("cues", "roles")
    return i + 1 if is_role or tokens.is_apart(i) else 0


def _extended(tokens: Tokens, i: int, cue: Cue) -> int:
    """Return the word after the name that begins at word `i`."""
    is_capital = tokens.is_capital(i)
    end = i + 1
    at = i + 1
    while at < len(tokens) and at - i < _LONGEST and tokens.continues(at):
        _known, word = tokens.known[at], tokens.words[at]
        if word in listed("words", "particles") and not tokens.is_capital(at):
            at += 1
            continue
        if not _goes_on(tokens, at, is_capital=is_capital, cue=cue):
            break
        at += 1
        end = at
    return end


def _goes_on(tokens: Tokens, at: int, *, is_capital: bool, cue: Cue) -> bool:
    known = tokens.known[at]
    if tokens.is_initial(at):
        return is_capital
    if known & NEVER:
        is_introduced = cue in (Cue.INTRODUCED, Cue.NAMED) and bool(known & FAMILY)
        return is_introduced and is_capital and tokens.is_capital(at) and _is_last(tokens, at)
    if known & BRAND and not known & FAMILY:
        return False
    is_after_name = tokens.known[at - 1] & GIVEN or tokens.is_initial(at - 1)
    if known & PROPER and not known & FAMILY and not is_after_name:
        return False
    if not is_capital:
        if known & SAFE:
            return cue >= Cue.INTRODUCED and bool(known & FAMILY) and is_alone(tokens, at)
        return bool(known & NAME) or (not known and len(tokens.words[at]) > 4)
    if not tokens.is_capital(at) or (tokens.is_upper(at) and not tokens.is_upper(at - 1)):
        return False
    if tokens.words[at] in listed("words", "things") and not known & FAMILY:
        return False
    is_safe = known & SAFE & ~PROPER
    return bool(known & NAME) or not is_safe or cue is Cue.TITLED


def _is_last(tokens: Tokens, at: int) -> bool:
    """Whether a name ends with word `at`: "This is Joe Last and", but not "Dear Ann Please"."""
    if tokens.known[at - 1] & SAFE or not tokens.known[at - 1] & GIVEN:
        return False
    is_joined = at + 1 < len(tokens) and tokens.words[at + 1] in ("and", "i", "im")
    return is_joined or (tokens.is_apart(at) and not tokens.is_upper(at))


def _begins_line(tokens: Tokens, i: int) -> bool:
    return not i or "\n" in tokens.gap(i)


def _by_labels(text: str) -> Iterator[Span]:
    """Yield the values of form fields that hold a name: `Full name: Okell, Ann`, `firstName=Ann`."""
    seen: set[int] = set()
    for match in _LABEL.finditer(text):
        label = folded(match[1].strip(" *_\t"))
        is_line = "\n" in text[match.end(1) : match.start(2)]
        if _is_label(label) and not (is_line and "name" not in label):
            seen.add(match.start(2))
            yield from _value(match.start(2), match[2])
    for match in _FIELD.finditer(text):
        label = folded(_CAMEL.sub(" ", match[1]))
        is_of_thing = label == "name" and _is_of_thing(text, match.start(1))
        if match.start(2) not in seen and _is_label(label) and not is_of_thing:
            yield from _value(match.start(2), match[2])


def _is_of_thing(text: str, at: int) -> bool:
    """Whether the word before "name" makes it that of a thing: `plan name: Pro`."""
    match = _WORD_BEFORE.search(text[max(0, at - _LONGEST_WORD) : at].rstrip("\"'"))
    if match is None:
        return False
    word = folded(match[1])
    return word not in listed("cues", "whose") and not _is_label(f"{word} name")


def _is_label(label: str) -> bool:
    role = label.rpartition(" ")[2]
    return label in listed("cues", "labels") or (" " in label and role in ("contact", "holder"))


def _value(start: int, value: str) -> Iterator[Span]:
    value = _SENTENCE.split(value, maxsplit=1)[0].rstrip(" \t.,;*")
    tokens = tokens_of(value)
    if not 1 <= len(tokens) <= 6 or any(c.isdigit() for c in value):
        return
    if all(k & (NEVER | PROPER) or (k & SAFE and not k & NAME) for k in tokens.known):
        return
    if not _is_prose(tokens):
        yield start + tokens.spans[0][0], start + tokens.spans[-1][1]


def _is_prose(tokens: Tokens) -> bool:
    """Whether the words cannot be a name, as in `my code never comes`; one may be, as in `will smith`."""
    lower = [k for i, k in enumerate(tokens.known) if not tokens.is_capital(i)]
    if any(k & ORDINARY and not k & NAME and not k & NEVER for k in lower):
        return True
    return sum(k & NEVER != 0 for k in lower) > 1
