"""The command of `bench` and how it stores results; nothing is measured here."""

import os
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench import results
from bench.__main__ import PARTS, main
from bench.tables import cell, n_seeds


def test_an_unknown_part_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown part exits with 2 and lists the known ones."""
    assert main(["nonsense"]) == 2
    words = capsys.readouterr().err
    assert "nonsense" in words
    assert all(name in words for name in PARTS)


def test_missing_sets_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the public sets, `bench` exits with 2 and names the variable to set."""
    monkeypatch.setenv("TRIAGE_BENCH_DATA", str(tmp_path))
    assert main(["batch"]) == 2
    assert "TRIAGE_BENCH_DATA" in capsys.readouterr().err


def test_a_result_replaces_its_own_section_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    r"""Measuring a part again replaces only its dated section, whatever the sections contain."""
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
    """Each listed part is a module with a `main`."""
    assert all(find_spec(f"bench.{name}") for name in PARTS)


def test_options_reach_the_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options that are given reach a part through its environment; others are not set there."""
    (tmp_path / "banking77").mkdir()
    seen: dict[str, str | None] = {}

    def part(_: Path) -> None:
        seen.update({name: os.environ.get(f"TRIAGE_BENCH_{name}") for name in names})

    names = ("SEEDS", "PHRASES", "DAYS")
    for name in names:  # so that changes by main are undone after the test
        monkeypatch.setenv(f"TRIAGE_BENCH_{name}", "")
        monkeypatch.delenv(f"TRIAGE_BENCH_{name}")
    monkeypatch.setenv("TRIAGE_BENCH_DATA", str(tmp_path))
    monkeypatch.setattr("importlib.import_module", lambda _: SimpleNamespace(main=part))
    assert main(["mail", "--seeds", "2", "--phrases", "other.json"]) == 0
    assert seen == {"SEEDS": "2", "PHRASES": "other.json", "DAYS": None}


def test_no_seed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """At least one seed is measured; the default is the part's own number."""
    monkeypatch.delenv("TRIAGE_BENCH_SEEDS", raising=False)
    assert n_seeds(3) == 3
    monkeypatch.setenv("TRIAGE_BENCH_SEEDS", "0")
    with pytest.raises(ValueError, match="at least 1, was: 0"):
        n_seeds(3)


def test_a_cell_is_a_median_with_its_range() -> None:
    """NaN is ignored; equal values have no range; without a value the result is `none`."""
    nan = float("nan")
    assert cell([0.5, 0.1, 0.9, nan]) == "0.5 (0.1 to 0.9)"
    assert cell([2, 2]) == "2"
    assert cell([nan]) == "none"
