"""The rooms: every module is in one that the import rule covers."""

import configparser
from pathlib import Path

_PROJECT = Path(__file__).parents[2]


def test_every_package_and_module_of_nlp_is_in_a_layer() -> None:
    """A module outside the layers would escape the import rule."""
    rules = configparser.ConfigParser()
    rules.read(_PROJECT / ".importlinter")
    layers = rules["importlinter:contract:house"]["layers"].replace("|", " ").split()
    modules = {
        f"nlp.{p.stem}" for p in (_PROJECT / "nlp").iterdir() if p.suffix == ".py" or p.is_dir()
    } - {"nlp.__init__", "nlp.__pycache__"}
    assert modules == {layer for layer in layers if layer.startswith("nlp.")}


def test_every_folder_of_unit_tests_mirrors_a_package() -> None:
    """Each folder of unit tests has the name of a package, so that tests are found by name."""
    folders = {p.name for p in (_PROJECT / "tests" / "unit").iterdir() if p.is_dir()}
    packages = {p.name for p in (_PROJECT / "nlp").iterdir() if p.is_dir()} | {"bench"}
    assert folders - {"__pycache__"} <= packages
