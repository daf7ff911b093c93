"""Find the greeting at the beginning of a message."""

import re

from nlp.states import Zone
from nlp.text.mail.words import Line, is_caseless, phrases, vocabulary, words_of

_LONGEST = 70
_FIRST_PART = re.compile(r"[ \t]*([^,!.:;–—\n]{1,60}?)[ \t]?[,!.:;–—]+[ \t]+(?=\S)")
_ADDRESSED = re.compile(r"[^\s]{1,12}(?:様|さん|殿|御中|先生)[、，,]?\Z")
_PUNCTUATION = " \t,.!;:–—-、，。！：~*_\"'"


def mark_greeting(lines: list[Line], *, is_second: bool = False) -> list[Line]:
    """Return the lines with GREETING for the first one, or for the first part of it.

    "Hi Sarah, my card is lost" is cut after the comma where more lines follow. A message of a
    single line stays whole, and so does "Hi, my card is lost": little is gained there.
    """
    for i, line in enumerate(lines):
        if line.is_blank or line.zone in {Zone.FORM, Zone.DISCLAIMER}:
            continue
        if line.zone is not None:
            return lines
        if is_greeting(line.text) or _is_unknown_greeting(lines, i):
            return [*lines[:i], Line(line.text, Zone.GREETING), *_second(lines[i + 1 :], is_second)]
        part = _FIRST_PART.match(line.text[:100])
        if part and not is_second and " " in part[1] and len(lines) > 1 and is_greeting(part[1]):
            start, rest = line.text[: part.end()].rstrip(), line.text[part.end() :]
            return [*lines[:i], Line(start, Zone.GREETING), Line(rest), *lines[i + 1 :]]
        return lines
    return lines


def _is_unknown_greeting(lines: list[Line], i: int) -> bool:
    """Whether up to four words with a comma stand alone above a blank line, in any language."""
    text = lines[i].text.strip()
    is_apart = i + 2 < len(lines) and lines[i + 1].is_blank
    return is_apart and text.endswith((",", "،", "，")) and len(text) < 50 and text.count(" ") < 4


def _second(lines: list[Line], is_second: bool) -> list[Line]:
    """Mark one more greeting: "Hello," may stand above "Dear Sir or Madam,"."""
    return lines if is_second else mark_greeting(lines, is_second=True)


def is_greeting(text: str) -> bool:
    """Whether a line is a greeting and nothing else: its words, and names with a capital."""
    if len(text) > _LONGEST or text.count(" ") > 10 or text.rstrip().endswith("?"):
        return False
    bare = text.strip(_PUNCTUATION)
    if is_caseless(bare) and _is_cjk_greeting(bare):
        return True
    if any(character.isdigit() for character in bare):
        return False
    words = bare.split()
    lowered = words_of(bare)
    if not lowered or len(words) > 8:
        return False
    core, filler = vocabulary("greeting_core"), vocabulary("greeting_filler")
    known = core | filler
    names = [w for w in words if w.strip(_PUNCTUATION + "()/&").lower() not in known]
    if core.intersection(lowered[:2]) and lowered[0] in known:
        is_apart = text.rstrip().endswith((",", "!")) and len(words) <= 4 and lowered[0] in core
        return len(names) <= 4 and (is_apart or all(_is_name(name) for name in names))
    return not names and lowered[0] == "to" and len(lowered) >= 3


def _is_name(word: str) -> bool:
    letter = next((c for c in word if c.isalpha()), "")
    return not letter or letter.isupper() or (is_caseless(letter))


def _is_cjk_greeting(text: str) -> bool:
    if len(text) <= 16 and _ADDRESSED.search(text):
        return True
    return any(text.startswith(p) and len(text) <= len(p) + 6 for p in phrases("greeting_cjk"))
