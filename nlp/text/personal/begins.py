"""Decide whether a name begins with a word, by the words beside it and by what is known of it."""

from nlp.text.personal.cues import Cue, is_act, is_of_team, owns
from nlp.text.personal.lists import (
    BRAND,
    FAMILY,
    GIVEN,
    NAME,
    NEVER,
    ORDINARY,
    PLACE,
    PROPER,
    SAFE,
    USUAL,
    listed,
)
from nlp.text.personal.tokens import Tokens

_DETERMINERS = frozenset({"the", "a", "an", "this", "that", "your", "our"})
_BEFORE_PLACES = frozenset({"in", "near", "around", "outside"})


def is_alone(tokens: Tokens, i: int) -> bool:
    """Whether nothing follows word `i` that could be a part of its name."""
    if tokens.is_apart(i):
        return True
    return i + 1 < len(tokens) and bool(tokens.known[i + 1] & NEVER)


def begins(tokens: Tokens, i: int, cue: Cue) -> bool:
    """Whether a name begins with word `i`, which is capitalised."""
    known = tokens.known[i]
    may_be = bool(known & NAME)
    if tokens.is_initial(i):
        return is_initial_of_name(tokens, i, cue)
    if tokens.is_upper(i) and not is_written_in_capitals(tokens, i, cue):
        return False
    if cue is Cue.TITLED:
        return True
    is_plain = known & PROPER or (known & ORDINARY and not may_be)
    if cue is Cue.NAMED:
        is_plain = known & BRAND or (known & ORDINARY and not may_be)
        return not is_plain and (not known & PLACE or bool(known & GIVEN))
    if cue is Cue.INTRODUCED and (not known & SAFE or is_usual_name(tokens, i)):
        return True
    if is_act(tokens, i + 1) or is_of_team(tokens, i + 1) or owns(tokens, i):
        is_noun = bool(i) and tokens.is_next(i) and tokens.words[i - 1] in _DETERMINERS
        return not (is_plain or is_noun or known & PLACE) and is_word_of_name(tokens, i)
    is_told = tokens.is_stopped_initial(i + 1) or has_second(tokens, i) or has_role(tokens, i)
    if not known and is_told:
        return is_word_of_name(tokens, i)
    if known & GIVEN and not is_plain and has_particle(tokens, i + 1):
        return True
    if i + 1 < len(tokens) and tokens.continues(i + 1) and is_pair(tokens, i):
        return True
    return is_sure(tokens, i)


def has_particle(tokens: Tokens, at: int) -> bool:
    """Whether `van den Berg` or the like follows."""
    end = at
    while end < min(at + 3, len(tokens)) and tokens.is_next(end) and not tokens.is_capital(end):
        if tokens.words[end] not in listed("words", "particles"):
            return False
        end += 1
    return at < end < len(tokens) and tokens.is_next(end) and tokens.is_capital(end)


def is_usual_name(tokens: Tokens, i: int) -> bool:
    """Whether a capitalised word within a sentence is a usual name and an ordinary word: `Mark`."""
    known = tokens.known[i]
    is_usual = bool(known & USUAL) and not known & (PLACE | PROPER | NEVER)
    return is_usual and not tokens.starts(i) and not tokens.is_upper(i)


def is_word_of_name(tokens: Tokens, i: int) -> bool:
    """Whether a word is written as names are: `Ann`, `Seo-yeon`, but not `iPad`."""
    raw = tokens.raw(i)
    return (
        len(raw) > 2
        and all(p[:1].isupper() or k for k, p in enumerate(raw.split("-")))
        and (raw[1:].islower() or raw.istitle())
    )


def has_second(tokens: Tokens, i: int) -> bool:
    """Whether another name follows after "and" or "&"."""
    if tokens.gap_after(i).strip() == "&":
        at = i + 1
    elif i + 2 < len(tokens) and tokens.words[i + 1] == "and" and tokens.is_next(i + 1):
        at = i + 2
    else:
        return False
    known = tokens.known[at]
    return tokens.is_capital(at) and bool(known & GIVEN) and not known & SAFE


def has_role(tokens: Tokens, i: int) -> bool:
    """Whether ", my sister" or the like follows."""
    is_followed = tokens.gap_after(i) in (", ", " (") and i + 2 < len(tokens)
    return (
        is_followed
        and tokens.words[i + 1] == "my"
        and (tokens.words[i + 2] in listed("cues", "roles"))
    )


def is_sure(tokens: Tokens, i: int) -> bool:
    """Whether a capitalised word is a name wherever it stands."""
    known = tokens.known[i]
    if known & SAFE or not known & NAME or len(tokens.words[i]) < 3:
        return False
    if i and tokens.is_next(i) and is_after_place_word(tokens, i):
        return False
    if i + 1 >= len(tokens) or not tokens.is_next(i + 1):
        return True
    is_kind = bool(i) and tokens.words[i - 1] in _DETERMINERS and tokens.is_next(i)
    if is_kind and not tokens.is_capital(i + 1) and tokens.known[i + 1] & ORDINARY:
        return False  # the Martin guitar
    return not is_thing(tokens, i + 1)


def is_thing(tokens: Tokens, at: int) -> bool:
    """Whether word `at` makes a company or a place of the name before it."""
    if tokens.words[at] in listed("words", "both") and tokens.is_capital(at):
        before = tokens.known[at - 1]
        return not before & GIVEN or bool(before & SAFE)
    return tokens.words[at] in listed("words", "things")


def is_after_place_word(tokens: Tokens, i: int) -> bool:
    """Whether "in", "flight to" or the like stands before word `i`."""
    if tokens.words[i - 1] == "to":
        return i > 1 and tokens.words[i - 2] in listed("words", "travels")
    return tokens.words[i - 1] in _BEFORE_PLACES


def is_pair(tokens: Tokens, i: int) -> bool:
    """Whether words `i` and `i` + 1 are a given name and a family name."""
    known, after = tokens.known[i], tokens.known[i + 1]
    if known & ORDINARY and tokens.words[i + 1] in listed("words", "colours"):
        return False
    if tokens.is_initial(i + 1) and not known & SAFE:
        return i + 2 < len(tokens) and tokens.continues(i + 2) and tokens.is_capital(i + 2)
    if not tokens.is_capital(i + 1) or tokens.is_upper(i + 1) or after & NEVER:
        return False
    if after & PROPER and not (after & FAMILY and known & GIVEN and not known & SAFE):
        return False
    if is_thing(tokens, i + 1):
        return False
    if not known and not after:
        return len(tokens.words[i]) > 2 and len(tokens.words[i + 1]) > 2
    is_family = bool(after & NAME) and not after & (ORDINARY | PLACE | PROPER)
    if known & PROPER:
        return False
    if known & GIVEN:
        is_usual = not known & ORDINARY or bool(known & USUAL)
        if is_family:
            return True
        return is_usual and ((bool(after & FAMILY) and not known & PLACE) or not after)
    return not known and is_family


def is_initial_of_name(tokens: Tokens, i: int, cue: Cue) -> bool:
    if i + 1 >= len(tokens) or not tokens.continues(i + 1):
        return False
    if not tokens.is_capital(i + 1):
        return tokens.words[i + 1] in listed("words", "particles") and has_particle(tokens, i + 2)
    known = tokens.known[i + 1]
    if tokens.is_initial(i + 1):
        return (
            i + 2 < len(tokens) and tokens.continues(i + 2) and is_capital_name(tokens, i + 2, NAME)
        )
    if known & (NEVER | PROPER) or tokens.is_upper(i + 1):
        return False
    return (
        cue is not Cue.NONE or not known & SAFE or bool(known & FAMILY and "." in tokens.gap(i + 1))
    )


def is_capital_name(tokens: Tokens, i: int, flags: int) -> bool:
    known = tokens.known[i]
    return (
        bool(known & flags)
        and not known & (NEVER | PROPER | PLACE)
        and (tokens.is_capital(i) and not tokens.is_upper(i))
    )


def is_written_in_capitals(tokens: Tokens, i: int, cue: Cue) -> bool:
    """Whether a word in capitals may be a name: `ANN BAKER`, but not `ATM` or a shouted word."""
    known = tokens.known[i]
    if cue is not Cue.NONE:
        return not known & SAFE or (known & NAME != 0 and cue is Cue.TITLED)
    return bool(known & NAME) and not known & SAFE and len(tokens.words[i]) > 3
