"""`bench.personal`."""

from bench.personal import Texts, drawn, masked
from nlp.text.redact import Redactor


def test_planted_values_stand_where_they_are_said_to_stand() -> None:
    """Each planted value lies within its text and is not blank."""
    for sample in drawn(Texts.FIRST, seed=1)[:200]:
        assert all(sample.text[a:b].strip() for a, b, _ in sample.gold)


def test_masked_spans_are_those_of_the_placeholders() -> None:
    """The spans that placeholders stand for are found again in the text."""
    text = "Hi Gudrun, call 07700 900123"
    spans = masked(text, Redactor().redact(text).text)
    assert [text[a:b] for a, b in spans] == ["Gudrun", "07700 900123"]


def test_recall_is_as_promised() -> None:
    """Of the second set, at least .98 of the planted values and .95 of the names are found."""
    found: dict[str, list[bool]] = {}
    for sample in drawn(Texts.SECOND, seed=2)[:300]:
        redacted = Redactor().redact(sample.text).text
        for start, end, kind in sample.gold:
            found.setdefault(kind, []).append(sample.text[start:end] not in redacted)
    every = [hit for hits in found.values() for hit in hits]
    assert sum(every) / len(every) >= 0.98
    assert sum(found["name"]) / len(found["name"]) >= 0.95
