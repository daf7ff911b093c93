"""The settings."""

import stat
from pathlib import Path

import pytest

from nlp.errors import SettingError
from nlp.settings import load


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("TRIAGE_MIN_TOPIC_SIZE", "1", "greater than or equal to 3"),
        ("TRIAGE_MIN_CUSTOMERS", "0", "greater than or equal to 1"),
        ("TRIAGE_MIN_CUSTOMERS", "some", "valid integer"),
        ("TRIAGE_TIMEZONE", "Mars", "such as UTC"),
        ("TRIAGE_PRECISION", "int3", "'auto', 'float32' or 'bfloat16'"),
    ],
)
def test_a_bad_value_names_key_value_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, key: str, value: str, words: str
) -> None:
    """Each wrong setting is named with its value and what is allowed."""
    monkeypatch.setenv(key, value)
    with pytest.raises(SettingError) as caught:
        load(_env_file=None)
    assert key in str(caught.value)
    assert repr(value) in str(caught.value)
    assert words in str(caught.value)


def test_secrets_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the record of a run nor the settings' own text contains a secret."""
    monkeypatch.setenv("TRIAGE_HASH_KEY", "very-secret")
    result = load(_env_file=None)
    assert "very-secret" not in repr(result)
    assert "hash_key" not in result.record()


def test_a_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    """Without a key in the settings, one is created and kept, readable only by its owner."""
    result = load(local_dir=tmp_path / "new", _env_file=None)
    assert result.customer_key() == result.customer_key()
    assert stat.S_IMODE((tmp_path / "new" / "hash_key").stat().st_mode) == 0o600
