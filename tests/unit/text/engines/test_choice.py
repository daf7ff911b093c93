"""The precision that is measured and remembered."""

import time
from pathlib import Path

import pytest

from nlp.text.engines.choice import fastest, remembered


def _busy(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_a_rougher_way_must_be_clearly_faster() -> None:
    """The rough way wins at half the time, not at nearly the same; waiting does not count."""
    assert fastest([("exact", lambda: _busy(0.02)), ("rough", lambda: _busy(0.01))]) == "rough"
    assert fastest([("exact", lambda: _busy(0.02)), ("rough", lambda: _busy(0.019))]) == "exact"
    assert fastest([("exact", lambda: _busy(0.01)), ("rough", lambda: time.sleep(0.03))]) == "rough"


@pytest.mark.parametrize("spoiled", ["", "[]", "{", '{"key": "int3"}', '{"key": 1}'])
def test_a_spoiled_memory_is_measured_anew(tmp_path: Path, spoiled: str) -> None:
    """A file that is cut off or names something else never decides."""
    (tmp_path / "encoder.json").write_text(spoiled)
    for measured in ("a", "never asked"):
        assert remembered(tmp_path, "key", allowed=("a", "b"), measure=lambda m=measured: m) == "a"


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    """The choice is measured each time."""
    (tmp_path / "file").write_text("")
    assert remembered(tmp_path / "file", "key", allowed=("a",), measure=lambda: "a") == "a"


def test_another_processor_has_a_memory_of_its_own(tmp_path: Path) -> None:
    """A folder that two machines share keeps both."""
    assert remembered(tmp_path, "one", allowed=("a", "b"), measure=lambda: "a") == "a"
    assert remembered(tmp_path, "two", allowed=("a", "b"), measure=lambda: "b") == "b"
    assert remembered(tmp_path, "one", allowed=("a", "b"), measure=lambda: "b") == "a"
