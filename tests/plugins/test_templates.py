"""Each template gets what it names: its names and attributes are those of its context."""

from typing import Any, get_type_hints

import pytest

from tests.template_types import Reader

_AROUND = ("root", "path", "here", "query", "navigation", "stamp", "bare", "base")
"""What every page is given beside who reads it, by `render.show`."""


def _contexts() -> list[Any]:
    from triage_page import contexts

    kinds = (kind for kind in vars(contexts).values() if isinstance(kind, type))
    return [k for k in kinds if issubclass(k, contexts.Context) and k is not contexts.Context]


def _scope(context: Any) -> dict[str, Any]:
    from triage_page import render
    from triage_page.contexts import Viewer

    given = dict.fromkeys((*render._environment.globals, *_AROUND), Any)
    hints = {k: v for k, v in get_type_hints(context).items() if k != "template"}
    return given | get_type_hints(Viewer) | hints


def _problems(template: str, scope: dict[str, Any]) -> tuple[list[str], set[str]]:
    from triage_page import render

    reader = Reader(render._environment)
    reader.read(template, scope)
    return reader.problems, reader.named


def test_each_template_names_what_it_gets() -> None:
    """No name or attribute that the context lacks; no field that no template uses."""
    for context in _contexts():
        problems, named = _problems(context.template, _scope(context))
        assert problems == []
        fields = set(get_type_hints(context)) - {"template"}
        assert fields <= named, context.template


def test_every_page_has_a_context() -> None:
    """Each template that is no part of others is the template of exactly one context."""
    from triage_page import render

    names = sorted(context.template for context in _contexts())
    files = set(render._environment.list_templates()) - {"base.html", "parts.html", "alert.html"}
    assert names == sorted(files)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{{ rows[0].n_todya }}", "Theme.n_todya"),
        ("{% for r in rows %}{{ r.lable }}{% endfor %}", "Theme.lable"),
        ("{% for r in rows[:3] if r.labl %}{% endfor %}", "Theme.labl"),
        ("{% set first = rows[0] %}{{ first.label.uper() }}", "str.uper"),
        ("{% macro told(r) %}{{ r.n }}{% endmacro %}{{ told(rows[0]) }}", "Theme.n"),
        ('{% import "parts.html" as parts %}{{ parts.counted(area) }}', "Area.n_today"),
        ("{% for d in trends.get(7, []) %}{{ d.m }}{% endfor %}", "ThemeDay.m"),
        ("{% for t, days in trends.items() %}{{ days[0].m }}{% endfor %}", "ThemeDay.m"),
        ("{{ (area.n if area else 0)|round }}{{ area.size }}", "Area.size"),
        ("{{ nobody }}", "nobody is not given"),
    ],
)
def test_a_slip_in_a_template_is_found(written: str, problem: str) -> None:
    """A wrong attribute shows behind loops, slices, macros, imports and mappings."""
    from jinja2 import ChoiceLoader, DictLoader
    from triage_page import contexts, render

    environment = render._environment.overlay(
        loader=ChoiceLoader([DictLoader({"slip.html": written}), render._environment.loader])  # type: ignore[list-item]
    )
    reader = Reader(environment)
    reader.read("slip.html", _scope(contexts.ThemesPage))
    assert any(result.endswith(problem) for result in reader.problems), reader.problems
