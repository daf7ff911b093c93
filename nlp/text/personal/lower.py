"""Decide whether a name begins with a word in lower case, as in chats."""

from nlp.text.personal.begins import has_particle, is_after_place_word, is_alone
from nlp.text.personal.cues import Cue, is_act, is_of_team, owns
from nlp.text.personal.lists import (
    FAMILY,
    GIVEN,
    LOWER,
    NAME,
    ORDINARY,
    PLACE,
    PROPER,
    SAFE,
    USUAL,
    listed,
)
from nlp.text.personal.tokens import Tokens

_BEFORE_TO = frozenset(
    {
        "went",
        "gone",
        "paid",
        "payment",
        "payments",
        "transferred",
        "transfer",
        "sent",
        "send",
        "money",
    }
)
_BEFORE_NAMES = frozenset({"by", "with", "from", "and", "for", "ask", "tell", "paid", "its", "lot"})


def begins_lower(tokens: Tokens, i: int, cue: Cue) -> bool:
    """Whether a name begins with word `i`, which is in lower case."""
    known = tokens.known[i]
    is_given = bool(known & GIVEN) and not known & SAFE
    is_place = bool(i) and tokens.is_next(i) and is_after_place_word(tokens, i)
    is_known = is_given and (bool(known & LOWER) or (i > 0 and tokens.ends(i)))
    if is_known and not is_place:
        return True
    word = tokens.words[i]
    if len(word) < 2 or word in listed("words", "particles"):
        return cue is Cue.TITLED and has_particle(tokens, i)
    if not known & SAFE and is_person_before(tokens, i):
        return True
    if cue is Cue.TITLED:
        return not known & ORDINARY or bool(known & FAMILY)
    if cue is Cue.NONE and is_given_to(tokens, i) and len(word) > 3:
        return bool(known & GIVEN) and not known & SAFE
    if cue is Cue.NAMED:
        if known & SAFE:
            return bool(known & USUAL) and not known & (PROPER | PLACE) and is_alone(tokens, i)
        return bool(known & NAME) or (len(word) > 3 and "-" not in word)
    has_next = i + 1 < len(tokens) and tokens.is_next(i + 1)
    if has_next and known & GIVEN and not known & SAFE:
        after = tokens.known[i + 1]
        return (bool(after & FAMILY) and not after & SAFE) or cue is Cue.INTRODUCED
    if known & SAFE or cue is not Cue.INTRODUCED:
        return False
    is_relative = tokens.words[i - 1] in listed("cues", "roles")
    return bool(known & GIVEN) or (is_relative and not known and len(word) > 3)


def is_person_before(tokens: Tokens, i: int) -> bool:
    """Whether "told me", "from Sales" or what people own follows word `i`, in lower case."""
    if tokens.known[i] & GIVEN:
        return is_act(tokens, i + 1) or owns(tokens, i) or is_of_team(tokens, i + 1)
    return not tokens.known[i] and len(tokens.words[i]) > 4 and is_act(tokens, i + 1)


def is_given_to(tokens: Tokens, i: int) -> bool:
    """Whether a word such as "with", or "paid to", stands before word `i`."""
    if not i or not tokens.is_next(i):
        return False
    if tokens.words[i - 1] == "to":
        return i > 1 and tokens.words[i - 2] in _BEFORE_TO
    return tokens.words[i - 1] in _BEFORE_NAMES
