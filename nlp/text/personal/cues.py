"""The words beside a name that tell it: "my name is", a greeting, a title, "told me"."""

from enum import IntEnum
from functools import cache

from nlp.text.mail.words import vocabulary
from nlp.text.personal.lists import GIVEN, folded, listed
from nlp.text.personal.tokens import Tokens


class Cue(IntEnum):
    """How surely a name follows, from not at all to surely."""

    NONE = 0
    INTRODUCED = 1
    """ "I am": what follows is a name if it could be one."""
    NAMED = 2
    """ "Hi", "my name is", "my wife": what follows is a name unless it is an ordinary word."""
    TITLED = 3
    """ "Mrs": what follows is a name."""


_LONGEST = 5
"""Words of a phrase at most."""
_IS = frozenset({"is", "was"})


def cue_before(tokens: Tokens, i: int) -> Cue:
    """Return what the words before word `i` tell of it."""
    gap = tokens.gap(i)
    if gap[-1:] == "@" and not gap[-2:-1].strip():
        return Cue.NAMED if tokens.is_capital(i) else Cue.NONE
    if not i:
        return Cue.NONE
    last = tokens.words[i - 1]
    if last not in _last_words():
        return Cue.NONE
    if len(gap) > 8 or not _is_gap(gap):
        return Cue.NONE
    blank = gap.strip(" \t\u00a0\"'*")
    if last in listed("cues", "titles") and blank in ("", "."):
        return Cue.TITLED
    if _greets(tokens, i, blank) or _closes(tokens, i, gap):
        return Cue.NAMED
    is_said_of_role = last in _IS and i > 1 and tokens.words[i - 2] in listed("cues", "roles")
    if is_said_of_role and tokens.is_next(i) and tokens.is_next(i - 1):
        return Cue.NAMED if tokens.is_capital(i) else Cue.NONE
    if last in listed("cues", "roles"):
        if blank not in ("", ",", "(", ":") or "\n" in gap:
            return Cue.NONE
        return Cue.NAMED if tokens.is_capital(i) else Cue.INTRODUCED
    return _phrase_before(tokens, i) if blank in ("", ":", "(", ",", "/") else Cue.NONE


def owns(tokens: Tokens, i: int) -> bool:
    """Whether word `i` owns what people own, as in "Ann's account"."""
    end = tokens.spans[i][1]
    is_owner = tokens.text[end : end + 2] in ("'s", "’s")
    return is_owner and i + 1 < len(tokens) and tokens.words[i + 1] in listed("cues", "owned")


def is_of_team(tokens: Tokens, i: int) -> bool:
    """Whether "from Sales", "from your team" or the like begins with word `i`."""
    if i + 1 >= len(tokens) or tokens.words[i] != "from":
        return False
    at = i + 1
    while at < min(i + 3, len(tokens)) and tokens.words[at] in ("your", "the", "customer"):
        at += 1
    return at < len(tokens) and tokens.words[at] in listed("cues", "teams")


def is_act(tokens: Tokens, i: int) -> bool:
    """Whether word `i` says what a person did, as `told` does."""
    return i < len(tokens) and tokens.words[i] in listed("cues", "acts") and tokens.is_next(i)


def _is_gap(gap: str) -> bool:
    return not gap.strip(" \t\u00a0\n,.:(-–—\"'*!>/")


def _greets(tokens: Tokens, i: int, gap: str) -> bool:
    """Whether word `i` is whom a greeting addresses: "Good morning Ann", "Dear Ann", "Hi, Ann"."""
    if tokens.words[i - 1] not in _greeting_words() or gap not in ("", ","):
        return False
    first = i - 1
    while (
        first
        and i - first < 3
        and tokens.words[first - 1] in _greeting_words()
        and (tokens.is_next(first))
    ):
        first -= 1
    is_greeting = (
        tokens.words[first] in vocabulary("greeting_core") or tokens.words[first] == "thanks"
    )
    is_whole = tokens.ends(i) or bool(tokens.known[i] & GIVEN and tokens.is_apart(i))
    return is_greeting and (gap == "" or is_whole) and "\n" not in tokens.gap(i)


def _closes(tokens: Tokens, i: int, gap: str) -> bool:
    """Whether word `i` stands below or beside a closing: "Best, Ann"."""
    is_apart = "\n" in gap or "," in gap or "-" in gap or "–" in gap
    short = listed("cues", "short")
    if tokens.words[i - 1] not in (_closing_words() | short if is_apart else short):
        return False
    end = i
    while end + 1 < len(tokens) and end - i < 4 and tokens.continues(end + 1):
        end += 1
    return tokens.ends(end)


def _phrase_before(tokens: Tokens, i: int) -> Cue:
    if tokens.words[i - 1] == "to" and {"surname", "name"} & set(tokens.words[max(0, i - 6) : i]):
        return Cue.NAMED if tokens.is_capital(i) else Cue.NONE
    for length in range(1, min(_LONGEST, i) + 1):
        if length > 1 and not tokens.is_next(i - length + 1):
            break
        phrase = " ".join(tokens.words[i - length : i])
        if phrase in _named():
            return Cue.NAMED
        if phrase in _introduced():
            is_short = phrase in {"am", "its", "it is", "it was"} and length == 1
            return Cue.NONE if is_short else Cue.INTRODUCED
    return Cue.NONE


@cache
def _named() -> frozenset[str]:
    return frozenset(folded(phrase) for phrase in listed("cues", "named"))


@cache
def _introduced() -> frozenset[str]:
    return frozenset(folded(phrase) for phrase in listed("cues", "introduced"))


@cache
def _greeting_words() -> frozenset[str]:
    words = vocabulary("greeting_core") | {
        "thanks",
        "thank",
        "you",
        "morning",
        "afternoon",
        "evening",
    }
    return frozenset(folded(word) for word in words | {"tag", "morgen", "abend", "much", "cheers"})


@cache
def _closing_words() -> frozenset[str]:
    more = {
        "best",
        "yours",
        "love",
        "grussen",
        "grusse",
        "advance",
        "voraus",
        "vous",
        "truly",
        "time",
        "br",
    }
    return frozenset(folded(word) for word in vocabulary("closing_core") | more)


@cache
def _last_words() -> frozenset[str]:
    phrases = _named() | _introduced()
    lasts = {phrase.split()[-1] for phrase in phrases}
    roles = listed("cues", "roles") | listed("cues", "titles")
    short = listed("cues", "short")
    return frozenset(lasts) | roles | _greeting_words() | _closing_words() | short | _IS


@cache
def telling_words() -> frozenset[str]:
    """Return words without one of which no cue makes a name of an ordinary word."""
    longest = {max(phrase.split(), key=len) for phrase in _named()}
    roles = listed("cues", "roles") | listed("cues", "titles")
    greetings = frozenset(map(folded, vocabulary("greeting_core"))) | {"thanks", "thank", "cheers"}
    usual = {"day", "good", "you", "time", "late", "account", "made", "sent", "morning"}
    usual |= listed("cues", "usual")
    return frozenset(longest | roles | greetings | _closing_words() | {"holder"}) - usual
