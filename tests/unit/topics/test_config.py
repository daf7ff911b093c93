"""The tuned numbers of topics."""

import json

import pytest

from nlp.errors import SettingError
from nlp.settings import load
from nlp.topics.config import FROM_SETTINGS, TopicConfig, topic_config

_FIELDS = TopicConfig.model_fields


@pytest.mark.parametrize("name", _FIELDS)
def test_every_number_says_what_it_is_and_what_it_may_be(name: str) -> None:
    """Each has a sentence and a bound, so that records are readable and wrong values found."""
    assert (_FIELDS[name].description or "").endswith(".")
    assert _FIELDS[name].metadata, "any value is allowed"


@pytest.mark.parametrize("name", _FIELDS)
def test_every_default_is_within_its_bounds(name: str) -> None:
    """Pydantic does not validate defaults: each is also allowed as a value."""
    default = _FIELDS[name].default
    assert getattr(TopicConfig.model_validate({name: default}), name) == default


def test_numbers_come_from_their_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those with a setting of their own from there, the others from JSON, the rest by default."""
    monkeypatch.setenv("TRIAGE_TOPICS", json.dumps({"mixing": 0.3, "n_neighbors": 20}))
    settings = load(min_topic_size=12, quiet_days=30, seed=4, _env_file=None)
    numbers = {"mixing": 0.3, "n_neighbors": 20, "min_topic_size": 12, "quiet_days": 30, "seed": 4}
    assert topic_config(settings) == TopicConfig.model_validate(numbers)
    assert set(FROM_SETTINGS) < set(_FIELDS)


def test_the_defaults_are_those_of_the_settings() -> None:
    """Without configuration the numbers are the same, with settings and without."""
    assert topic_config(load(_env_file=None)) == TopicConfig()


def test_an_unknown_number_is_told_with_those_that_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A wrong name is an error, and no default replaces it silently."""
    monkeypatch.setenv("TRIAGE_TOPICS", '{"mixin": 0.3}')
    with pytest.raises(SettingError) as caught:
        topic_config(load(_env_file=None))
    assert "TRIAGE_TOPICS" in str(caught.value)
    assert "'mixin'" in str(caught.value)
    assert all(name in str(caught.value) for name in _FIELDS)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("mixing", 1.5, "less than 1"),
        ("mixing", -0.5, "greater than 0"),
        ("n_nearest", 20, "greater than or equal to 50"),
        ("n_neighbors", 51, "less than or equal to 50"),
        ("n_neighbors", 15.5, "valid integer"),
        ("majority", 0.5, "greater than 0.5"),
    ],
)
def test_a_number_out_of_range_is_told_with_its_limit(
    monkeypatch: pytest.MonkeyPatch, name: str, value: float, words: str
) -> None:
    """Each wrong number is named with its setting, its value and what is allowed."""
    monkeypatch.setenv("TRIAGE_TOPICS", json.dumps({name: value}))
    with pytest.raises(SettingError) as caught:
        topic_config(load(_env_file=None))
    assert f"TRIAGE_TOPICS, {name}" in str(caught.value)
    assert f"Was: {float(value)!r}" in str(caught.value)
    assert words in str(caught.value)


def test_every_wrong_number_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them are reported together."""
    monkeypatch.setenv("TRIAGE_TOPICS", '{"mixing": 2, "lead": 2, "nonsense": 1}')
    with pytest.raises(SettingError) as caught:
        topic_config(load(_env_file=None))
    assert all(name in str(caught.value) for name in ("mixing", "lead", "nonsense"))


def test_text_instead_of_a_number_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no number, or no JSON, names its key as well."""
    for value in ('{"mixing": "much"}', "mixing=0.3"):
        monkeypatch.setenv("TRIAGE_TOPICS", value)
        with pytest.raises(SettingError, match="TRIAGE_TOPICS"):
            load(_env_file=None)
