"""`bench.fuzz`: damaged files are read or refused, and the check notices what must not be."""

from pathlib import Path

import pytest

from bench import fuzz
from nlp.jobs.inspect import Findings
from nlp.settings import load


def test_damaged_files_are_read_or_refused(tmp_path: Path) -> None:
    """The first files of the ten thousand, and the one that once ended in a traceback."""
    settings = load(hash_key="key", local_dir=tmp_path, _env_file=None)
    results = [fuzz.outcome(fuzz.one_file(n, tmp_path), settings) for n in (*range(100), 7090)]
    assert [r for r in results if r.startswith("!")] == []
    assert {"refused", "read, some rows quarantined"} <= {*results}


def test_a_defect_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that is lost without a count, and an error that is none of ours."""
    settings = load(hash_key="key", local_dir=tmp_path, _env_file=None)
    monkeypatch.setattr(fuzz, "look_at", lambda *_: Findings(n_rows=2, n_good=1))
    assert fuzz.outcome(tmp_path, settings).startswith("! 2 rows, 1 good")
    monkeypatch.setattr(fuzz, "look_at", lambda *_: 1 / 0)
    assert "ZeroDivisionError" in fuzz.outcome(tmp_path, settings)
