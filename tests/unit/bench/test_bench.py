"""The command of `bench` and how it stores results; nothing is measured here."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from bench import results
from bench.__main__ import PARTS, main


def test_an_unknown_part_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown part exits with 2 and lists the known ones."""
    assert main(["nonsense"]) == 2
    said = capsys.readouterr().err
    assert "nonsense" in said
    assert all(name in said for name in PARTS)


def test_missing_sets_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the public sets it exits with 2 and names the variable to set."""
    monkeypatch.setenv("TRIAGE_BENCH_DATA", str(tmp_path))
    assert main(["batch"]) == 2
    assert "TRIAGE_BENCH_DATA" in capsys.readouterr().err


def test_a_result_replaces_its_own_section_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    r"""Measured again, a part's old figures go and the others' stay, dated, whatever they hold."""
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    results.save("batch", "## Batch\n\nold \\1 figure\n")
    results.save("speed", "## Speed\n\nfast\n")
    results.save("batch", "## Batch\n\nnew \\1 figure\n")
    results.save("intents", "## Intents\n\nelsewhere\n")
    text = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert "elsewhere" in (tmp_path / "RESULTS-intents.md").read_text(encoding="utf-8")
    assert "elsewhere" not in text
    assert "old" not in text
    assert text.count("new \\1 figure") == text.count("fast") == 1
    assert text.index("## Batch") < text.index("## Speed")
    assert text.count("Measured ") == 2


def test_parts_are_modules() -> None:
    """Each listed part is a module that measures."""
    assert all(find_spec(f"bench.{name}") for name in PARTS)
