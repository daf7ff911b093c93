"""The phrases of mail streams."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from bench.mail_phrases import Phrases, boilerplate_words, load_phrases, phrase_file
from tests import references


def _written(folder: Path, **changes: object) -> Path:
    own = json.loads(phrase_file().read_text(encoding="utf-8"))
    file = folder / "phrases.json"
    file.write_text(json.dumps(own | changes), encoding="utf-8")
    return file


def test_own_phrases_are_none_of_the_reference() -> None:
    """The bench's own file has the same roles as the reference file, and no phrase in common."""
    theirs = load_phrases(references.script("mail_phrases.json"))
    own = load_phrases(phrase_file())
    for role in (f.name for f in fields(Phrases)):
        assert not set(getattr(own, role)) & set(getattr(theirs, role)), role


@pytest.mark.parametrize("of_role", [None, [], "Hello", [7], [""]])
def test_a_role_without_phrases_is_refused(of_role: object, tmp_path: Path) -> None:
    """A missing, empty or invalid list is refused, and the error names its role."""
    with pytest.raises(ValueError, match="greeting must be a list of phrases"):
        load_phrases(_written(tmp_path, greeting=of_role))


def test_a_short_form_is_refused(tmp_path: Path) -> None:
    """A form without a field for the message is refused."""
    with pytest.raises(ValueError, match=r"at least 3 fields, was: 'Name\|Number'"):
        load_phrases(_written(tmp_path, form=["Name|Number"]))


def test_another_file_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """`TRIAGE_BENCH_PHRASES` names another phrase file."""
    monkeypatch.setenv("TRIAGE_BENCH_PHRASES", "elsewhere.json")
    assert phrase_file() == Path("elsewhere.json")


def test_words_that_customers_use_are_no_boilerplate(tmp_path: Path) -> None:
    """Names of people and firms are boilerplate; words of closings that customers use are not."""
    file = _written(
        tmp_path,
        name=["J. Doe"],
        signature=["{name}\nAcme Cards Ltd"],
        closing=["Thanks"],
        remark=["Sunny today"],
    )
    words = boilerplate_words(load_phrases(file), ["thanks, where are my cards"])
    assert words == {"doe", "acme", "ltd"}
