"""Find postal addresses: a house and a street, a postcode, and what stands between them.

The forms are those of Britain, the United States, Germany, France and India. All are bounded.
"""

import re
from collections.abc import Iterator

Span = tuple[int, int]

_WAY = (
    r"(?:Street|Str|St|Road|Rd|Lane|Ln|Avenue|Ave?|Drive|Dr|Close|Court|Ct|Crescent|Cres|Way|Place|Pl|Square|Sq|Terrace"
    r"|Gardens?|Gdns|Grove|Boulevard|Blvd|Highway|Hwy|Parkway|Pkwy|Row|Hill|Mews|Walk|Rise|Green|View|Parade|Quay"
    r"|Circle|Cir|Trail|Loop|Alley|Wharf|Broadway|Esplanade|Park|Marg|Nagar|Path|Cross|Main|Layout|Colony|Villas|Chowk|Bagh)"
)
_WORD = r"[A-Z0-9][\w'’.-]{0,24}"
_UNIT = r"(?:(?:Flat|Apt|Apartment|Unit|Suite|Room|House|Plot|Door|Block|Floor|H\.?\s?No|No)\.?,?\s?#?[\w/-]{1,8},?\s{1,2}){0,3}"
_HOUSE = r"(?:Apartments?|House|Court|Buildings?|Towers?|Heights|Residency|Mansions?|Block|Enclave|Society|Complex|Lodge|Cottage)"
_STREET = re.compile(
    rf"(?<![\w.£$€/-]){_UNIT}(?:(?:[A-Z][\w'’]{{1,20}} ){{1,3}}{_HOUSE},?\s)?\d{{1,5}}[A-Za-z]?(?:[-/]\d{{1,4}}[A-Za-z]?)?,?\s(?:{_WORD}\s){{0,4}}?{_WORD}\s{_WAY}\b\.?"
    rf"(?:\s(?:North|South|East|West|N|S|E|W|NW|NE|SW|SE)\b)?",
)
_LOWER_STREET = re.compile(
    r"(?<![\w.£$€/-])\d{1,5}[a-z]?\s(?:[a-z][a-z'’-]{1,20}\s){1,3}(?:street|road|lane|avenue|drive|crescent|terrace"
    r"|gardens|grove|boulevard|mews)\b"
    r"|(?<![\w.£$€/-])\d{1,5}[a-z]?\s(?:[a-z][a-z'’-]{1,20}\s){1,3}(?:close|way|court|place|hill|green|park|row|view|walk)"
    r"(?=,\s[^\W\d_])"
)
_LOWER_TOWN = re.compile(
    r",\s(?:[a-z'’-]{3,20}\s)?[a-z'’-]{3,20}(?=[,.;!?\n]|$|\s(?:is|was|and|but|please|pls|not|instead|for)\b)"
)
_GERMAN = re.compile(
    r"\b(?:[A-ZÄÖÜ][\w.-]{0,24}[ -]){0,2}[A-ZÄÖÜ][a-zäöüß-]{1,24}(?:straße|strasse|str\.|weg|platz|allee|gasse|damm|ufer"
    r"|ring|wall|steig|chaussee|hof|straat|gracht|laan|plein|kade|dijk|singel)\s?\d{1,4}\s?(?:[a-zA-Z]|-\d{1,3})?\b"
    r"|\b(?:Am|An der|An den|Auf dem|Auf der|Im|In der|Zum|Zur|Unter den)\s(?:[A-ZÄÖÜ][\wäöüß-]{2,24}\s){1,2}\d{1,4}\s?[a-z]?\b"
)
_FRENCH = re.compile(
    r"\b(?:\d{1,4}-)?\d{1,4}(?:\s?(?:bis|ter|quater))?,?\s(?:rue|avenue|av\.|boulevard|bd\.?|place|impasse|allée|chemin|quai|route|cours"
    r"|square|passage|faubourg)\s(?:(?:de|du|des|la|le|les|l['’]|d['’]|à|et|sur)[\s]?){0,4}(?:[A-ZÉÈÀ0-9][\w'’.-]{0,24}[ -]?){1,4}",
    re.IGNORECASE,
)
_BOX = re.compile(r"\bP\.?\s?O\.?\s?Box\s\d{1,6}\b|\bPostfach\s\d[\d ]{1,8}\d\b", re.IGNORECASE)
_POSTCODE = re.compile(r"(?<![^\W_])(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|GIR ?0AA)(?![^\W_])")
_AREA_CODE = re.compile(  # Canada, Ireland, Australia
    r"(?<![^\W_])(?:[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] ?\d[ABCEGHJ-NPRSTV-Z]\d|[AC-FHKNPRTV-Y]\d[\dW] ?[AC-FHKNPRTV-Y]\d[AC-FHKNPRTV-Y\d]{2}"
    r"|[AC-FHKNPRTV-Y]\d[\dW] [AC-FHKNPRTV-Y\d]{4}|(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT) \d{4})(?![^\W_])"
)
_LOWER_POSTCODE = re.compile(
    r"\bpost ?codes?\b\W{0,3}(?:is\s|:\s?)?([a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})\b", re.IGNORECASE
)
_ZIP = re.compile(
    r"\b(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])"
    r",? \d{5}(?:-\d{4})?\b"
    r"|\b(?:zip(?: ?code)?|post(?:al)? ?code|pin ?code|plz|code postal)\b\W{0,3}(?:is\s|:\s?)?\d{3}[ -]?\d{2,3}(?:-\d{4})?\b",
    re.IGNORECASE,
)
_TOWN = re.compile(
    r"[ \t]?[,\n]?[ \t]?(?:(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Room|#)\.? ?#?\d{0,5}[A-Za-z]?\b|"
    r"(?:[A-ZÄÖÜÉ][\w'’.-]{1,24}[ ,]{1,2}){0,4}(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]{2},? \d{5}(?:-\d{4})?|\d{3} ?\d{3}|(?:[A-Z]{2},? )?[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]{2,3} \d{4})\b"
    r"|\d{4} ?[A-Z]{2}\s[A-Z][\w'’-]{1,24}(?:\s[A-Z][\w-]{1,20})?"
    r"|\d{5}\s[A-ZÄÖÜÉ][\wäöüßéè'’-]{1,24}(?:\s(?:am|an der|im|sur|sous|lès|en)\s[A-Z][\w-]{1,20}|[ -][A-ZÄÖÜÉ][\wäöüßéè-]{1,20}){0,2}"
    r"|(?:[A-ZÄÖÜÉ][\w'’.-]{1,24}[ ]?){1,2}(?:,\s?(?:[A-ZÄÖÜÉ][\w'’.-]{1,24}[ ]?){1,2}){0,2})"
)
_CODE_TOWN = re.compile(r"\d{5}\s[A-ZÄÖÜÉ]")
_NAMED = re.compile(
    r"\b(?:(?:my|new|old|home|postal|billing|delivery|shipping|mailing|current|correct|right)\s){1,3}address\s(?:is|was|to|should be|has changed to)\s"
    r"|\baddress\s?:\s?|\bmy adr+ess (?:is|was)\s|\badresse\s?(?::|est|ist|lautet)\s?|\banschrift\s?:?\s|\bdirección\s?:?\s",
    re.IGNORECASE,
)
_REST_OF_LINE = re.compile(r"[^\n;?!]{4,140}")


def addresses_in(text: str) -> Iterator[Span]:
    """Yield the spans of addresses, of postcodes alone too; linear time."""
    if not any(map(str.isdigit, text)):
        return
    for pattern in (_STREET, _LOWER_STREET, _GERMAN, _FRENCH, _BOX):
        for match in pattern.finditer(text):
            yield match.start(), _with_town(text, match.end())
    yield from (m.span() for m in _POSTCODE.finditer(text))
    yield from (m.span() for m in _AREA_CODE.finditer(text))
    yield from (m.span(1) for m in _LOWER_POSTCODE.finditer(text))
    yield from (m.span() for m in _ZIP.finditer(text))
    for match in _NAMED.finditer(text):
        yield from _named(text, match.end())


def _with_town(text: str, end: int) -> int:
    """Return the end of an address whose street ends at `end`, with the towns and the code after."""
    for _ in range(5):
        if text[end : end + 1] not in (",", "\n", " "):
            break
        if town := _LOWER_TOWN.match(text, end):
            return town.end()
        town = _TOWN.match(text, end)
        if town is None or not (text[end] in ",\n" or any(map(str.isdigit, town[0]))):
            break
        if text[end] == "\n" and not any(map(str.isdigit, town[0])):
            break
        end = end + len(town[0].rstrip(" ,\n"))
    return end


def _named(text: str, start: int) -> Iterator[Span]:
    """Yield what follows "my address is", where it has a number."""
    rest = _REST_OF_LINE.match(text, start)
    if rest is None:
        return
    value = re.split(r"\.(?:\s|$)|,? (?:and|but|please|not|instead|so) ", rest[0], maxsplit=1)[0]
    value = value.rstrip(" ,.")
    has_number = any(map(str.isdigit, value)) and "@" not in value
    if has_number and not re.fullmatch(r"[\d.:a-fA-F]+", value):
        yield start, start + len(value)
