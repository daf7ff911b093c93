"""Find numbers whose form or check digits alone tell them: IBANs and national numbers."""

import re
from collections.abc import Iterator

from nlp.text.personal.checksums import is_iban, is_nif, is_nir
from nlp.text.personal.spans import Finding, Kind

_IBAN = re.compile(r"(?=([A-Za-z]{2}\d{2}(?:[\s.\-]{0,2}[A-Za-z0-9]){11,30}))")
_IBAN_NAMED = re.compile(r"\biban\b[^\n]{0,20}\Z", re.IGNORECASE)
_IBAN_LENGTHS = """AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27
DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30
KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28
PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20
YE30"""
_LENGTH = {entry[:2]: int(entry[2:]) for entry in _IBAN_LENGTHS.split()}
"""ISO 13616: the length of a country's IBAN."""
_SSN = re.compile(r"(?<!\d)(?<!\d-)\d{3}-\d{2}-\d{4}(?!-?\d)")
_NUMBERS = (
    # National insurance (UK), PAN (India), fiscal code (Italy), driving licence (UK).
    re.compile(
        r"(?<![^\W_])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D](?![^\W_])"
    ),
    re.compile(r"(?<![^\W_])[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z](?![^\W_])"),
    re.compile(r"(?<![^\W_])[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z](?![^\W_])"),
    re.compile(
        r"(?<![^\W_])[A-Z]{2,5}9{0,3} ?\d[0156]\d[0-3]\d\d ?[A-Z9]{2} ?[A-Z0-9]{3}(?![^\W_])"
    ),
)
_NIR = re.compile(r"(?<!\d)[12] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?\d\d ?\d{3} ?\d{3} ?\d\d(?!\d)")
_NIF = re.compile(r"(?<![^\W_])\d{8}-?[A-HJ-NP-TV-Z](?![^\W_])")


def ibans_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of IBANs; those with wrong check digits where they are called so or grouped."""
    for match in _IBAN.finditer(text):
        length = _LENGTH.get(match[1][:2].upper())
        if length is None:
            continue
        at = [i for i, c in enumerate(match[1]) if c.isalnum()]
        if len(at) < length:
            continue
        compact = "".join(match[1][i] for i in at[:length])
        end = match.start(1) + at[length - 1] + 1
        if is_iban(compact) or _is_meant(text, match.start(1), end, compact):
            yield match.start(1), end


def _is_meant(text: str, start: int, end: int, compact: str) -> bool:
    """Whether an IBAN with a typing error is meant: called so, or written in groups of four."""
    is_whole = not text[end : end + 1].isalnum() and sum(map(str.isdigit, compact)) >= 10
    if not is_whole:
        return False
    if _IBAN_NAMED.search(text, max(0, start - 30), start):
        return True
    groups = re.split(r"[\s.\-]{1,2}", text[start:end])
    return len(groups) > 3 and compact[:2].isupper() and all(len(g) == 4 for g in groups[:-1])


def ids_in(text: str) -> Iterator[Finding]:
    """Yield national numbers that need no words beside them."""
    yield from (Finding(*m.span(), Kind.SSN) for m in _SSN.finditer(text))
    for pattern in _NUMBERS:
        yield from (Finding(*m.span(), Kind.ID) for m in pattern.finditer(text))
    for match in _NIR.finditer(text):
        if is_nir(match[0].replace(" ", "")):
            yield Finding(*match.span(), Kind.ID)
    for match in _NIF.finditer(text):
        if is_nif(match[0].replace("-", "")):
            yield Finding(*match.span(), Kind.ID)
