"""`nlp.text.personal.patterns`."""

from pathlib import Path

import pytest

from nlp.errors import SettingError
from nlp.text.personal.patterns import read_patterns
from nlp.text.redact import Redactor

GOOD = """[[pattern]]
name = "member number"
regex = 'MB-\\d{6}'
examples = ["my number is MB-204711"]
counterexamples = ["order MB-12"]
"""


def written(folder: Path, text: str) -> Path:
    """Write a file of patterns."""
    file = folder / "patterns.toml"
    file.write_text(text, encoding="utf-8")
    read_patterns.cache_clear()
    return file


def test_what_a_pattern_finds_is_redacted(tmp_path: Path) -> None:
    """A pattern of the file is redacted as private, and redacting again changes nothing."""
    redactor = Redactor(patterns=written(tmp_path, GOOD))
    redacted = redactor.redact("member MB-204711, order MB-12")
    assert (redacted.text, redacted.entities) == ("member <PRIVATE>, order MB-12", ("PRIVATE",))
    assert redactor.redact(redacted.text).text == redacted.text


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (r"MB-\d{6}", ".*", "would redact|everything"),
        (r"MB-\d{6}", r"\w+", "everything"),
        (r"MB-\d{6}", "MB-[", "no regular expression"),
        (r"MB-\d{6}", "XY", "does not find its example"),
        (r"MB-\d{6}", "MB", "finds its counterexample"),
        (r"MB-\d{6}", "x*", "matches an empty text"),
        (r"MB-\d{6}", r"MB-\d{6}|a+b+c", "takes too long"),
        ("examples = ", "exampels = ", "examples"),
        ("[[pattern]]", "[pattern", "cannot be read"),
    ],
)
def test_a_wrong_pattern_is_refused(old: str, new: str, sentence: str, tmp_path: Path) -> None:
    """The setting, the pattern and what is wrong with it are named before any message is read."""
    with pytest.raises(SettingError, match=f"TRIAGE_REDACT_PATTERNS.*({sentence})"):
        Redactor(patterns=written(tmp_path, GOOD.replace(old, new, 1)))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A file that is not there is a setting error."""
    with pytest.raises(SettingError, match="cannot be read"):
        read_patterns(tmp_path / "none.toml")
