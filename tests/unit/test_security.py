"""docs/SECURITY.md says what shows each item: the tests that it names are there."""

import ast
import re
from pathlib import Path

_PROJECT = Path(__file__).parents[2]
_DOC = (_PROJECT / "docs" / "SECURITY.md").read_text(encoding="utf-8")


def test_each_test_that_is_named_exists() -> None:
    """A renamed test takes its line of the table along."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", _DOC)
    assert len(named) > 25
    for file, name in named:
        tree = ast.parse((_PROJECT / file).read_text(encoding="utf-8"))
        assert name in {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}, (file, name)


def test_each_item_is_met_by_a_test_or_by_somebody_who_is_named() -> None:
    """No line of the table claims something that nobody shows."""
    table = _DOC.split("## OWASP ASVS", 1)[1]
    rows = re.findall(r"^\| (V[^ ]+) [^|]*\| ([^|]*) \| ([^|]*) ?\|$", table, re.MULTILINE)
    assert len(rows) > 30
    for item, how, shown in rows:
        assert "::" in shown or "Airflow's" in how or "proxy" in how, item


def test_it_says_how_to_report_a_fault() -> None:
    """Somebody who finds a hole learns where to go with it."""
    assert "## How to report a fault" in _DOC
