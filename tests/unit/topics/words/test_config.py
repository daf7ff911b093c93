"""The numbers that shape labels and keywords."""

import pytest

from nlp.errors import SettingError
from nlp.settings import load
from nlp.topics.words.config import WordConfig, word_config

_FIELDS = WordConfig.model_fields


@pytest.mark.parametrize("name", _FIELDS)
def test_every_number_says_what_it_is_and_what_it_may_be(name: str) -> None:
    """Each has a sentence and a bound, and its default is within it."""
    default = _FIELDS[name].default
    assert (_FIELDS[name].description or "").endswith(".")
    assert _FIELDS[name].metadata, "any value is allowed"
    assert getattr(WordConfig.model_validate({name: default}), name) == default


def test_numbers_come_from_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are given, the others by default."""
    monkeypatch.setenv("TRIAGE_WORDS", '{"n_keywords": 3}')
    assert word_config(load(_env_file=None)) == WordConfig(n_keywords=3)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ('{"n_keyword": 3}', ("'n_keyword'", *_FIELDS)),
        ('{"form_weight": 1.5}', ("form_weight", "less than or equal to 1", "Was: 1.5")),
    ],
)
def test_a_wrong_number_is_told_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, value: str, words: tuple[str, ...]
) -> None:
    """An unknown name or a value out of range names the setting, too."""
    monkeypatch.setenv("TRIAGE_WORDS", value)
    with pytest.raises(SettingError) as caught:
        word_config(load(_env_file=None))
    assert all(part in str(caught.value) for part in ("TRIAGE_WORDS", *words))
