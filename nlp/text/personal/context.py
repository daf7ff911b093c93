"""Find numbers and secrets that only the words beside them tell: accounts, passports, PINs.

A rule is a cue, a little filler, and the form of a value. All three are bounded, so a search takes
linear time.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nlp.text.personal.checksums import is_plain_row
from nlp.text.personal.spans import Finding, Kind

_FILL = (
    r"(?:[\s:=#.,()\"'*–-]|\b(?:is|was|are|as|being|numbers?|no|nr|num|code|id|ist|lautet|est|es|my|the|a|of|on"
    r"|back|set|to|changed|now|again|new|old|it|has|been|which|says?|ends?|de|du|card|from|with|for|account|holder|uk|us|ni|and|reads?)\b){0,10}?"
)
DIGIT = re.compile("[0-9]")
_UNIT = re.compile(
    r"\s?(?:times|years?|days?|hours?|minutes?|weeks?|months?|cents?|pence|pounds?|euros?|dollars?|points"
    r"|percent|people|%|£|\$|€|gbp|eur|usd|k\b)|[.,]\d",
    re.IGNORECASE,
)
_ANY = r"(?:[^\d\n;?!]{0,40}?)"
"""Instead of `_FILL`, where cue and form together are clear: "my SSN, as I told you, is"."""
_DATE = (
    r"(?:\d{1,2}(?:st|nd|rd|th)?[ ./-]{1,2}(?:\d{1,2}|(?:of )?[^\W\d_]{3,9}\.?)[ ,./'’-]{1,3}(?:19|20)?\d\d"
    r"|[^\W\d_]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d|(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{8})(?!\d)"
)


_DAY = re.compile(r"(?:19|20)\d\d-?(?:0\d|1[0-2])-?[0-3]\d")
"""A date as it stands in names of files and in ids: `pin-2026-03-02-17`."""


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: Kind
    pattern: re.Pattern[str]
    is_right: Callable[[str], bool]
    """Whether the value is one, beyond its form."""


def _rule(
    kind: Kind,
    cue: str,
    value: str,
    is_right: Callable[[str], bool] = lambda _: True,
    *,
    fill: str = _FILL,
) -> _Rule:
    pattern = rf"(?<![^\W_])(?:{cue})(?![^\W\d_]){fill}(?<![\w.])(?P<value>{value})(?![\w])"
    return _Rule(kind, re.compile(pattern, re.IGNORECASE), is_right)


def _has_digits(least: int) -> Callable[[str], bool]:
    return lambda value: sum(map(str.isdigit, value)) >= least


def _is_account(value: str) -> bool:
    """Whether it is somebody's account: examples such as 12345678 are nobody's."""
    return sum(map(str.isdigit, value)) >= 6 and not is_plain_row(value)


_CODE = (
    r"(?:verification|verify|security|confirmation|authenti[ck]ation|authori[sz]ation|log ?in|sign[- ]?in|access|activation|sms"
    r"|text|one[- ]?time|2fa|mfa|two[- ]factor|unlock|reset|secret|pass|bestätigungs|sicherheits)[- ]?(?:code|number|pin|tan)"
    r"|one[- ]?time[- ]?(?:pass(?:word|code)|pin)|otp|passcode|tan|(?:the|a|this) code(?= (?:is|was|i got|i received)\b|:| \d{6}\b)"
)
_PIN = r"(?:card |my |new |old )?pin(?:[- ]?(?:code|number|no))?"
_CVV = r"cvv2?|cvc2?|cv2|csc|cvn|security (?:code|number|digits)|check (?:digits|number)|(?:three|3) digits(?: (?:on|from|at) the (?:back|reverse))?|prüfziffer|cryptogramme"
_ACCOUNT = r"(?:bank |checking |current |savings? |giro)?(?:account|acct|acc|a/c|konto|kontonummer|kontonr|compte|cuenta)(?: (?:number|no|nr|num))?"
_RULES = (
    _rule(Kind.SECRET, _CVV, r"\d{3,4}"),
    _rule(Kind.SECRET, _PIN, r"\d(?:[ -]?\d){3,7}", lambda pin: not _DAY.fullmatch(pin)),
    _rule(Kind.SECRET, _CODE, r"(?:[A-Z]{1,2}-?)?\d{3}[ -]?\d{1,5}", _has_digits(4)),
    _rule(
        Kind.ACCOUNT, r"sort(?:ing)?(?:[ -]?code)?|s/c|sc", r"\d\d[ .-]?\d\d[ .-]?\d\d", _is_account
    ),
    _rule(Kind.SECRET, r"sms|text message|got (?:a |the )?text", r"\d{3} \d{3}|\d{5,6}"),
    _rule(Kind.ACCOUNT, r"routing(?: (?:number|no))?|aba|rtn|transit", r"\d{9}"),
    _rule(Kind.ACCOUNT, r"blz|bankleitzahl|bsb", r"\d{3}[ -]?\d{2,3}[ -]?\d{0,3}", _has_digits(6)),
    _rule(Kind.ACCOUNT, r"ifsc(?: code)?", r"[a-z]{4}0[a-z0-9]{6}"),
    _rule(Kind.ACCOUNT, r"upi(?: id)?|vpa", r"[\w.-]{2,40}@[a-z]{2,20}"),
    _rule(Kind.ACCOUNT, _ACCOUNT, r"\d(?:[ -]?\d){5,16}", _is_account),
    _rule(
        Kind.BIRTHDATE,
        r"born(?: (?:on|in))?|birth(?:day|date)?|date of birth|d\.?o\.?b\.?|geboren(?: am)?|geb\.?|geburts(?:datum|tag)"
        r"|née?(?: le)?|naissance|nacid[oa](?: el)?|fecha de nacimiento|nat[oa] il|geboortedatum",
        _DATE,
    ),
    _rule(
        Kind.ID,
        r"passports?|reisepass|passeport|pasaporte|(?:national )?id(?:entity)?[ -]?cards?|personalausweis|ausweisnummer",
        r"(?=[A-Z]{0,3}\d)[A-Z0-9](?: ?[A-Z0-9]){5,10}",
        _has_digits(5),
    ),
    _rule(
        Kind.ID,
        r"national insurance|nino|ni|n\.i\.|insurance number",
        r"[A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]?",
        fill=_ANY,
    ),
    _rule(Kind.ID, r"nhs", r"\d{3}[ -]?\d{3}[ -]?\d{4}"),
    _rule(
        Kind.SSN,
        r"ssn|social(?: security)?|soc sec|itin|social insurance",
        r"\d{3}[- .]?\d{2}[- .]?\d{4}",
        fill=_ANY,
    ),
    _rule(
        Kind.ID,
        r"steuer[- ]?id(?:entifikationsnummer|nr)?|steueridentifikationsnummer|idnr|tax(?:payer)? id(?:entification)?|steuernummer|tin|utr|ein|tax",
        r"\d(?:[ /-]?\d){8,12}",
    ),
    _rule(
        Kind.ID,
        r"s[ée]curit[ée] sociale|nir|num[ée]ro (?:de )?s[ée]cu|carte vitale|sozialversicherungsnummer|rentenversicherungsnummer",
        r"\d(?:[ ]?[\dAB]){10,14}",
    ),
    _rule(Kind.ID, r"aadh?aar(?: card)?|uidai|uid", r"\d{4}[ -]?\d{4}[ -]?\d{4}"),
    _rule(Kind.ID, r"pan(?: card)?", r"[A-Z]{5}\d{4}[A-Z]"),
    _rule(
        Kind.ID,
        r"nif|nie|dni|curp|cpf|bsn|pesel|codice fiscale|voter id",
        r"[A-Z0-9](?:[ .-]?[A-Z0-9]){6,17}",
        _has_digits(5),
    ),
    _rule(
        Kind.ID,
        r"driv(?:ing|er'?s?|ers'?)(?: licen[cs]e)?|licen[cs]e|dl|führerschein(?:nummer)?|permis de conduire",
        r"(?=[A-Z]{0,9} ?\d)[A-Z0-9](?:[ -]?[A-Z0-9]){5,17}",
        _has_digits(5),
    ),
)
_CODE_NEAR = re.compile(
    r"(?P<what>[^\W\d_]{0,14})[ -]?\bcode\b(?:(?!code)[^.\n\d]){0,30}(?<![\w.£$€-])(?P<value>\d{3} \d{3}|\d{5,6})(?![\w-]|[.,]\d)",
    re.IGNORECASE,
)
_OTHER_CODES = {
    "error",
    "reference",
    "promo",
    "discount",
    "voucher",
    "sort",
    "zip",
    "post",
    "area",
    "country",
    "status",
    "bar",
    "product",
    "booking",
    "coupon",
    "gift",
    "order",
    "tracking",
    "dress",
    "source",
    "qr",
    "swift",
    "merchant",
}
_PASSWORD_AFTER = re.compile(
    r"(?<!\S)(?P<value>\S{4,64}) (?:is|was|as|for) (?:my |the |our |your )(?:[a-z]{2,10} )?(?:password|passcode|passphrase|pwd)\b",
    re.IGNORECASE,
)
_SAID_AFTER = re.compile(
    r"(?<![\w.#-])(?P<value>\d{3}[ -]?\d{1,5})(?![\w.]) (?:is|was|as|for) (?:my |the |your |our |a )?"
    r"(?:[a-z-]{1,14} ){0,2}(?:pin|code|otp|passcode|cvv|cvc|password)\b",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"(?<![\w-])(?:(?P<sort>\d\d([ -])\d\d\2\d\d)[^\d\n]{1,20}(?P<account>\d{8})"
    r"|(?P<first>\d{8})[^\d\n]{1,20}(?P<then>\d\d([ -])\d\d\6\d\d))(?![\w-])"
)
"""A British account and its sort code."""
_PASS = re.compile(
    r"(?<![^\W_])(?:pw|pwd|pass|passwd|psw|pswd)(?P<link>[ ]?[:=][ ]?|[ ])(?P<value>\S{6,64})",
    re.IGNORECASE,
)
_OTHER_PASSWORD = re.compile(r"[KkCcWwSs](?:ennwort|ontraseña|achtwoord|enha)")
_PASSWORD = re.compile(
    r"(?<![^\W_])(?:pass(?:word|phrase|wd|code|wort)|kennwort|pwd|mot de passe|contraseña|wachtwoord|senha)(?![^\W_])"
    r"(?P<link>(?:[\s:=]|\b(?:is|was|to|as|now|my|new|old|the|set|changed|ist|lautet|est|currently|from)\b){1,8})"
    r"(?P<value>[\"'`“‘]?\S{4,64})",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"pin|code|otp|tan|cv[vc2n]|csc|sort|s/?c\b|routing|aba|rtn|blz|bank|ifsc|upi|a/?cc?|acct|konto|compte|cuenta|born|birth|d\.?o\.?b"
    r"|geb|n[ée]e?\b|naissance|nacid|passport|reisepass|passeport|pasaporte|ausweis|\bid|insurance|ni\b|nino|n\.i|nhs|ssn|social|soc"
    r"|itin|steuer|tax|tin\b|utr|ein\b|s[ée]cu|nir|vitale|versicherung|aadh?aar|uid|pan\b|nif|nie|dni|curp|cpf|bsn|pesel|fiscale|voter|driv"
    r"|licen|dl\b|führer|permis|digits|prüf|crypto|transit|bsb|vpa|nat[oa]|sms|text",
    re.IGNORECASE,
)


def context_in(text: str) -> Iterator[Finding]:
    """Yield what the words beside it tell to be personal; linear time."""
    if DIGIT.search(text):
        if _WORDS.search(text):
            for rule in _RULES:
                yield from _by_rule(rule, text)
            for match in _SAID_AFTER.finditer(text):
                yield Finding(*match.span("value"), Kind.SECRET)
            for match in _CODE_NEAR.finditer(text):
                is_money = _UNIT.match(text, match.end("value"))
                if match["what"].lower() not in _OTHER_CODES and not is_money:
                    yield Finding(*match.span("value"), Kind.SECRET)
        for match in _BESIDE.finditer(text):
            parts = [p for p in ("sort", "account", "first", "then") if match[p]]
            if not any(is_plain_row(match[part]) for part in parts):
                yield from (Finding(*match.span(part), Kind.ACCOUNT) for part in parts)
    yield from _passwords(text)


def _by_rule(rule: _Rule, text: str) -> Iterator[Finding]:
    for match in rule.pattern.finditer(text):
        if rule.is_right(match["value"]) and not _UNIT.match(text, match.end("value")):
            yield Finding(*match.span("value"), rule.kind)


def _passwords(text: str) -> Iterator[Finding]:
    """Yield what follows "password is" and does not look like an ordinary word."""
    if DIGIT.search(text):
        for match in _PASS.finditer(text):
            value = match["value"].rstrip(".,;!?)")
            if any(map(str.isalpha, value)) and any(map(str.isdigit, value)):
                yield Finding(match.start("value"), match.start("value") + len(value), Kind.SECRET)
    lowered = text.lower()
    if "pass" not in lowered and "pwd" not in lowered and not _OTHER_PASSWORD.search(text):
        return
    for match in _PASSWORD_AFTER.finditer(text):
        bare = match["value"].strip(",.;:\"'")
        if not bare.isalpha() and any(map(str.isalnum, bare)) and not _is_hyphenated(bare):
            yield Finding(*match.span("value"), Kind.SECRET)
    for match in _PASSWORD.finditer(text):
        start, end = match.span("value")
        value = match["value"].rstrip(".,;!?)\"'`”’")
        end = start + len(value)
        bare = value.strip("\"'`“‘")
        is_given = any(sign in match["link"] for sign in ":=") or value[:1] in "\"'`“‘"
        is_odd = not bare.isalpha() and any(c.isalnum() for c in bare) and not _is_hyphenated(bare)
        is_mixed = bare.isalpha() and not (bare.islower() or bare.istitle() or bare.isupper())
        if len(bare) >= 4 and (
            is_odd or is_mixed or (is_given and bare.isalpha() and not bare.istitle())
        ):
            yield Finding(start, end, Kind.SECRET)


def _is_hyphenated(word: str) -> bool:
    """Whether a word has letters, apostrophes and hyphens alone: `isn't`, `re-set`."""
    return word.replace("'", "").replace("’", "").replace("-", "").isalpha()
