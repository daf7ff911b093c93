"""The evaluation scripts that `bench` must agree with: the folder `eval` beside the public sets."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from bench.data import folder


def script(name: str) -> Path:
    """Return the path of an evaluation script; skip the test where it is missing."""
    path = folder().parent / "eval" / name
    if not path.exists():
        pytest.skip(f"No {path}: set TRIAGE_BENCH_DATA to the folder of the public sets")
    return path


def module(name: str) -> ModuleType:
    """Return an evaluation script as a module; skip the test where it is missing."""
    spec = importlib.util.spec_from_file_location(f"reference_{Path(name).stem}", script(name))
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded
