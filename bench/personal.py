"""Redaction on sentences and mails with planted personal data: recall, leaks, precision.

Names, sentences and formats are those of `personal.toml` and `personal_values.py`, which take
nothing from the recogniser's lists. A planted value counts as found if no word of it is left.
"""

import os
import random
import re
import time
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from bench.data import read
from bench.personal_more import MORE
from bench.personal_values import VALUES
from nlp.text.clean import PLACEHOLDER, clean
from nlp.text.personal.lists import NAME, folded, known_as
from nlp.text.redact import Redactor

_ROUNDS = 20
_SLOT = re.compile(r"\{(\w+)\}")
_KIND = {
    "postcode": "address",
    "street": "address",
    "eircode": "address",
    "us": "",
    "sort": "account",
    "routing": "account",
}
_HARMLESS = {"brand", "place", "version", "order", "order2", "ean"}


class Texts(StrEnum):
    """A set of templates, by when it was written."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"


_ALL = ("people", "numbers", "nothing")
_PARTS = {
    Texts.FIRST: ("personal.toml", "names", _ALL),
    Texts.SECOND: ("personal.toml", "unseen_names", ("unseen",)),
    Texts.THIRD: ("personal_chats.toml", "names", _ALL),
}
_SAID = {
    Texts.FIRST: "The first set: mails, forms and chats.",
    Texts.SECOND: "The second set, written after the recogniser was done.",
    Texts.THIRD: "The third set, of chats, forms and notes, written after both.",
}


@dataclass
class Sample:
    """A text, and the spans of personal data in it with their kinds."""

    text: str = ""
    gold: list[tuple[int, int, str]] = field(default_factory=list)


def main(data: Path) -> None:
    """Print the figures without a model, and with the one in TRIAGE_SPACY_MODEL if it is set."""
    sets = {which: drawn(which, seed=0) for which in Texts}
    model = os.environ.get("TRIAGE_SPACY_MODEL")
    for name in (None, model) if model else (None,):
        print(f"### {'With ' + name if name else 'Without a model'}\n")
        for which, samples in sets.items():
            print(f"{_SAID[which]}\n")
            _figures(Redactor(spacy_model=name), samples)
    _unlisted([sample for samples in sets.values() for sample in samples])
    _public(data)


def drawn(which: Texts, *, seed: int) -> list[Sample]:
    """Draw every template of a set several times."""
    file, table, groups = _PARTS[which]
    texts = tomllib.loads(Path(__file__).with_name(file).read_text(encoding="utf-8"))
    rng = random.Random(seed)
    names = {key: value.split() for key, value in texts[table].items()}
    names["family"] = _families(texts[table]["family"])
    return [
        _filled(template, names, rng)
        for _ in range(_ROUNDS)
        for group in groups
        for template in texts[group].values()
    ]


def _families(text: str) -> list[str]:
    """Split the list; names of several words begin with a small one: `de la Fuente`."""
    return re.findall(r"(?:(?:d[aeo]s?|la|van|den|dos) )*[^\s]+", text)


def _filled(template: str, names: dict[str, list[str]], rng: random.Random) -> Sample:
    sample = Sample()
    at = 0
    for match in _SLOT.finditer(template):
        sample.text += template[at : match.start()]
        at = match.end()
        value, kind = _value(match[1], names, rng)
        if kind:
            sample.gold.append((len(sample.text), len(sample.text) + len(value), kind))
        sample.text += value
    sample.text += template[at:]
    return sample


def _value(slot: str, names: dict[str, list[str]], rng: random.Random) -> tuple[str, str]:
    """Return what fills a slot, and its kind; an empty kind is nothing personal."""
    base = slot.rstrip("0123456789")
    given, family = rng.choice(names["given"]), rng.choice(names["family"])
    people = {
        "given": given,
        "family": family,
        "full": rng.choice(
            [f"{given} {family}"] * 4 + [f"{given} {rng.choice('ABCDEGHJ')}. {family}"]
        ),
        "initial": f"{given[0]}. {family}",
        "titled": f"{rng.choice(['Mr', 'Mrs', 'Ms', 'Dr'])} {family}",
        "titled_de": f"{rng.choice(['Herr', 'Frau'])} {family}",
        "last_first": f"{family}, {given}",
        "lower_given": given.lower(),
        "lower_full": f"{given} {family}".lower(),
        "first_word": rng.choice(names["first_word"]),
    }
    if base in people:
        return people[base], "name"
    if base in ("brand", "place"):
        return rng.choice(names[base]), ""
    values = VALUES | MORE
    value = values[slot if slot in values else base](rng)
    if slot in _HARMLESS:
        return value, ""
    kind = base.split("_")[0]
    return value, {**_KIND, "us": "account" if base == "us_account" else "id"}.get(
        kind, _family_of(kind)
    )


def _family_of(kind: str) -> str:
    if kind in {"nino", "ssn", "nhs", "steuer", "nir", "aadhaar", "pan", "licence", "dni"}:
        return "id"
    return "account" if kind in {"blz", "ifsc"} else kind


def masked(text: str, redacted: str) -> list[tuple[int, int]]:
    """Return the spans of `text` that placeholders stand for in `redacted`."""
    pieces = PLACEHOLDER.split(redacted)
    spans, at = [], len(pieces[0])
    for n, piece in enumerate(pieces[1:], 1):
        is_last = n == len(pieces) - 1
        end = len(text) - len(piece) if is_last else text.index(piece, at + 1)
        spans.append((at, end))
        at = end + len(piece)
    return spans


def _figures(redactor: Redactor, samples: list[Sample]) -> None:
    n_gold, n_found = Counter[str](), Counter[str]()
    n_spans = n_right = n_leaking = n_wrong_texts = 0
    missed: dict[str, list[str]] = defaultdict(list)
    started = time.process_time()
    for sample in samples:
        text = clean(sample.text)
        spans = masked(text, redactor.redact(text).text)
        leaks = [gold for gold in _moved(sample, text) if not _is_covered(gold, spans, text)]
        for _, _, kind in sample.gold:
            n_gold[kind] += 1
            n_found[kind] += 1
        for start, end, kind in leaks:
            n_found[kind] -= 1
            missed[kind].append(f"{text[start:end]!r} in {text!r}")
        n_leaking += bool(leaks)
        right = [s for s in spans if any(s[0] < g[1] and g[0] < s[1] for g in _moved(sample, text))]
        n_spans, n_right = n_spans + len(spans), n_right + len(right)
        for s in spans:
            if s not in right:
                missed["~wrong"].append(f"{text[slice(*s)]!r} in {text!r}")
        n_wrong_texts += not sample.gold and bool(spans)
    seconds = time.process_time() - started
    print("| kind | values | recall |\n|---|---|---|")
    for kind in sorted(n_gold):
        print(f"| {kind} | {n_gold[kind]:,} | {n_found[kind] / n_gold[kind]:.3f} |")
    total = sum(n_gold.values())
    print(f"| **all** | {total:,} | **{sum(n_found.values()) / total:.3f}** |\n")
    print(f"Precision {n_right / n_spans:.3f} of {n_spans:,} placeholders; ", end="")
    print(f"{1000 * n_leaking / len(samples):.1f} of 1,000 messages leak something; ", end="")
    changed = 1000 * n_wrong_texts / sum(not s.gold for s in samples)
    print(f"{changed:.1f} of 1,000 without personal data are changed; ", end="")
    print(f"{1000 * seconds / len(samples):.2f} ms a message.\n")
    if os.environ.get("TRIAGE_BENCH_SHOW"):
        for kind, texts in sorted(missed.items()):
            for text, n in Counter(texts).most_common(int(os.environ["TRIAGE_BENCH_SHOW"])):
                print("   ", kind, n, text)


def _moved(sample: Sample, text: str) -> list[tuple[int, int, str]]:
    """Return the gold spans in the cleaned text."""
    if text == sample.text:
        return sample.gold
    moved, at = [], 0
    for start, end, kind in sample.gold:
        value = clean(sample.text[start:end])
        at = text.index(value, at)
        moved.append((at, at + len(value), kind))
        at += len(value)
    return moved


def _is_covered(gold: tuple[int, int, str], spans: list[tuple[int, int]], text: str) -> bool:
    """Whether no word of a value is left; titles and unit words such as `Mrs` may stay."""
    start, end, kind = gold
    for word in re.finditer(r"\w+", text[start:end]):
        a, b = start + word.start(), start + word.end()
        if kind == "name" and word[0].rstrip(".").lower() in {
            *["mr", "mrs", "ms", "dr", "herr", "frau", "de", "la", "van", "den", "dos"]
        }:
            continue
        if not any(s <= a and b <= e for s, e in spans):
            return False
    return True


def _unlisted(samples: list[Sample]) -> None:
    words = {
        folded(word)
        for s in samples
        for start, end, kind in s.gold
        if kind == "name"
        for word in re.findall(r"[^\W\d_]{3,}", s.text[start:end])
    }
    n = sum(not known_as(word) & NAME for word in words)
    print(f"Of {len(words)} words in the planted names, {n} are in no list of names.\n")


def _public(data: Path) -> None:
    """Print how many messages of public sets, nearly all without personal data, are changed."""
    redactor = Redactor()
    print("| public set | messages | changed |\n|---|---|---|")
    for name in ("Banking77 train", "Banking77 test", "HWU64 train", "DSTC11 insurance"):
        texts = read(data, name)[0]
        n = sum(redactor.redact(clean(text)).text != clean(text) for text in texts)
        print(f"| {name} | {len(texts):,} | {100 * n / len(texts):.2f}% |")
    print("\nHWU64 is spoken to a home assistant, and DSTC11 on the phone: both name people.")
