"""Find what stands below a customer's words: the closing, the name, the signature.

The tail of a text is read from its end upward, as long as lines look like names, titles, addresses
and telephone numbers. It begins at the highest closing or delimiter that is reached so.
"""

import re
from dataclasses import replace

from nlp.states import Zone
from nlp.text.mail.greeting import is_greeting
from nlp.text.mail.words import Line, is_caseless, phrases, vocabulary, words_of

_DEVICES = ("iphon", "ipad", "android", "outlook", "samsung", "galaxy", "huawei", "xiaomi")
"""Also with an ending, as Finnish and Turkish add it."""
_LONGEST_TAIL = 16
"""Visible lines that a signature has at most."""
_DELIMITER = re.compile(r"[ \t]{0,3}(?:--|—|–{2}|[-_=*~]{3,}+)[ \t\u00a0]*\Z")
_CONTACT = re.compile(
    r"\S@\S|<(?:EMAIL|PHONE|URL)>|https?://|www\.|\+?\(?\d[\d\s()./-]{6,}\d|\s\|\s|^\W*[A-Za-z]{1,6}[:.]\s*\+?\(?\d"
)
_PUNCTUATION = " \t,.!;:–—-、，。！*_~\"'()😊🙏👍"


def mark_tail(lines: list[Line]) -> list[Line]:
    """Return the lines of one own text with CLOSING and SIGNATURE; linear time."""
    start = _start_of_tail(lines)
    marked = list(lines)
    for i in range(start, len(lines)):
        if lines[i].zone is None and not lines[i].is_blank:
            is_close = is_closing(lines[i].text) or (
                i == start and not _is_signature(lines[i].text)
            )
            marked[i] = replace(lines[i], zone=Zone.CLOSING if is_close else Zone.SIGNATURE)
    return _mark_middle(marked, start)


def is_closing(text: str) -> bool:
    """Whether a line is a closing: closing words only, and perhaps a name after them."""
    if len(text) > 100 or text.count(" ") > 15 or text.rstrip().endswith("?"):
        return False
    bare = text.strip(_PUNCTUATION)
    if is_caseless(bare) and any(
        bare.startswith(p) and len(bare) <= len(p) + 12 for p in phrases("closing_cjk")
    ):
        return True
    words = words_of(bare)
    if not words or len(words) > 12 or any(c.isdigit() for c in bare):
        return False
    if " ".join(words) in phrases("closing_exact"):
        return True
    known = vocabulary("closing_core", "closing_filler")
    n_known = next((n for n, word in enumerate(words) if word not in known), len(words))
    if not vocabulary("closing_core") & set(words[:n_known]):
        return False
    rest = bare.split()[n_known:]
    return n_known == len(words) or (len(rest) <= 3 and n_known <= 5 and is_name(" ".join(rest)))


def is_name(text: str) -> bool:
    """Whether a line could be a person's or a team's name: one to five words with capitals."""
    bare = text.strip(_PUNCTUATION)
    words = bare.replace("/", " ").split()
    if (
        not text.lstrip()[:1].isalpha()
        or len(words) > 5
        or len(bare) > 50
        or text.rstrip().endswith(("?", "!", ":"))
    ):
        return False
    if any(c.isdigit() for c in bare):
        return False
    if is_caseless(bare):
        return len(bare) <= 10
    small = vocabulary("name_particle")
    return (
        bool(words) and words[0][:1].isupper() and all(w[:1].isupper() or w in small for w in words)
    )


def is_sent_from(text: str) -> bool:
    """Whether a line is an advertisement of the sending device, such as "Sent from my iPad"."""
    if len(text) > 120 or "@" in text or text.rstrip().endswith("?"):
        return False
    words = words_of(text.partition("<")[0].partition("http")[0])
    if not 1 <= len(words) <= 12 or "i" in words:
        return False
    devices = vocabulary("sent_device")
    if not any(word in devices or word.startswith(_DEVICES) for word in words):
        return False
    if is_caseless(text):
        return any(verb in text for verb in phrases("sent_cjk"))
    if words[0] in vocabulary("sent_get") or words[-1] in vocabulary("sent_get"):
        return bool(vocabulary("sent_program").intersection(words[:3])) and len(words) >= 3
    ends = {words[0], *words[-2:]}
    is_sent = bool(vocabulary("sent_verb") & ends)
    return is_sent and (len(words) <= 2 or bool(vocabulary("sent_with").intersection(words)))


def _start_of_tail(lines: list[Line]) -> int:
    start = len(lines)
    n_seen, below = 0, ""
    for i in range(len(lines) - 1, -1, -1):
        line = lines[i]
        if line.is_blank or line.zone is not None:
            continue
        if _is_edge(line.text) or is_closing(line.text) or _is_unknown_closing(lines, i, below):
            start = i
        elif n_seen >= _LONGEST_TAIL or not is_contact(line.text, above=_above(lines, i)):
            break
        n_seen, below = n_seen + 1, line.text
    return start if start < len(lines) else _start_without_closing(lines)


def _start_without_closing(lines: list[Line]) -> int:
    """Return where a name, or a contact block under a name, stands alone as last paragraph.

    A name alone is believed only in a mail: below a greeting, and after a whole sentence.
    """
    visible = [i for i, line in enumerate(lines) if line.zone is None and not line.is_blank]
    if len(visible) < 2:
        return len(lines)
    first = visible[-1]
    while first > 0 and not lines[first - 1].is_blank and lines[first - 1].zone is None:
        first -= 1
    block = [lines[i].text for i in range(first, visible[-1] + 1)]
    is_apart = first > visible[0] and is_name(block[0]) and not block[0].rstrip().endswith(".")
    has_contact = len(block) <= _LONGEST_TAIL and any(_CONTACT.search(t[:200]) for t in block)
    if not is_apart:
        return len(lines)
    last_words = lines[max(i for i in visible if i < first)].text.rstrip()
    is_mail = is_greeting(lines[visible[0]].text) and last_words.endswith((".", "!", "?", "…"))
    if (len(block) == 1 and is_mail) or (has_contact and all(map(is_contact, block))):
        return first
    return len(lines)


def is_contact(text: str, *, above: str = "") -> bool:
    """Whether a line may stand in a signature; `above` is the visible line above it."""
    if len(text) > 120 or text.rstrip().endswith(("?", ":")):
        return False
    if _CONTACT.search(text):
        return len(text.split()) <= 14
    words = text.split()
    if not words:
        return False
    if is_closing(above) and len(words) <= 2 and not any(c.isdigit() for c in text):
        return True  # a name in lower case
    if is_caseless(text):
        return len(text) <= 20 and not text.rstrip().endswith(("。", "！"))
    long_words = [w for w in words if len(w.strip(_PUNCTUATION)) > 3 or w[:1].isdigit()] or words
    n_proper = sum(not w.lstrip("(\"'*|,")[:1].islower() for w in long_words)
    is_sentence = len(words) > 5 and text.rstrip().endswith((".", "!"))
    return (
        len(words) <= 10
        and not words[0][:1].islower()
        and 2 * n_proper > len(long_words)
        and not is_sentence
    )


def _is_unknown_closing(lines: list[Line], i: int, below: str) -> bool:
    """Whether up to three words with a comma, right above a name, close a mail in any language."""
    text = lines[i].text.rstrip()
    is_apart = i > 0 and lines[i - 1].is_blank
    return is_apart and text.endswith(",") and len(text.split()) <= 3 and is_name(below)


def _is_signature(text: str) -> bool:
    return _is_edge(text) or is_name(text)


def _is_edge(text: str) -> bool:
    """Whether a line is a delimiter such as `-- `, or names the sending device."""
    return bool(_DELIMITER.match(text[:80])) or is_sent_from(text)


def _above(lines: list[Line], i: int) -> str:
    """Return the next visible line above line `i`, looking three lines far."""
    return next(
        (lines[j].text for j in range(i - 1, max(-1, i - 4), -1) if not lines[j].is_blank), ""
    )


def _mark_middle(lines: list[Line], end: int) -> list[Line]:
    """Mark closings that more words follow, with the name below and the block that repeats it or
    that a delimiter begins: a postscript stays own."""
    for i in range(end):
        line = lines[i]
        if line.zone is not None or line.is_blank:
            continue
        j = i + 1
        is_apart = j + 1 >= end or lines[j + 1].is_blank
        has_name = j < end and lines[j].zone is None and is_apart and is_name(lines[j].text)
        if is_sent_from(line.text):
            lines[i] = replace(line, zone=Zone.SIGNATURE)
        elif is_closing(line.text) or (has_name and _is_unknown_closing(lines, i, lines[j].text)):
            lines[i] = replace(line, zone=Zone.CLOSING)
            if has_name:
                lines[j] = replace(lines[j], zone=Zone.SIGNATURE)
                _mark_block(lines, j, end)
    return lines


def _mark_block(lines: list[Line], name: int, end: int) -> None:
    """Mark the next paragraph below a name, where it begins with the same name or a delimiter."""
    at = next((k for k in range(name + 1, min(name + 4, end)) if not lines[k].is_blank), end)
    if at == end or lines[at].zone is not None:
        return
    words = words_of(lines[name].text)
    if not _is_edge(lines[at].text) and words_of(lines[at].text)[: len(words)] != words:
        return
    for k in range(at, min(at + _LONGEST_TAIL, end)):
        if lines[k].is_blank or lines[k].zone is not None:
            break
        lines[k] = replace(lines[k], zone=Zone.SIGNATURE)
