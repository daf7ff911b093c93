"""requirements.lock: what the image installs, by hash; and the SBOM that is made of it."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

_PROJECT = Path(__file__).parents[2]
_LOCK = _PROJECT / "requirements.lock"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script behind `make lock`."""
    spec = importlib.util.spec_from_file_location("lock", _PROJECT / ".ci" / "lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _pins() -> dict[str, str]:
    lines = (_PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if "==" in line)


def test_every_package_of_production_is_locked_by_hash(script: ModuleType) -> None:
    """Each has one version, that of requirements.txt where it is there, and a hash."""
    rows = script.locked(_LOCK.read_text(encoding="utf-8"))
    versions = {name: version.removesuffix("+cpu") for name, version, _ in rows}
    assert all(files for _, _, files in rows)
    assert len(versions) == len(rows) > 150
    pins = _pins()
    assert {n: v for n, v in versions.items() if n in pins and pins[n] != v} == {}
    dockerfile = (_PROJECT / "Dockerfile").read_text(encoding="utf-8")
    wanted = script.roots((_PROJECT / "requirements.in").read_text(encoding="utf-8"), dockerfile)
    names = re.findall(r"^([\w-]+)", wanted, re.MULTILINE)
    assert {"apache-airflow", "torch", "celery"} <= set(names)
    assert [name for name in names if name not in versions] == []


def test_the_image_has_no_development_tools(script: ModuleType) -> None:
    """What only the test command needs is not locked."""
    text = (_PROJECT / "requirements.in").read_text(encoding="utf-8").split("# Development", 1)[1]
    tools = set(re.findall(r"^([\w-]+)$", text, re.MULTILINE)) - {"pyyaml"}  # Airflow's, too
    assert {"pytest", "ruff", "playwright"} <= tools
    rows = script.locked(_LOCK.read_text(encoding="utf-8"))
    assert tools & {name for name, _, _ in rows} == set()


def test_the_sbom_names_each_package_with_its_hash(script: ModuleType) -> None:
    """CycloneDX with a package URL for each line; the same lock gives the same document."""
    text = _LOCK.read_text(encoding="utf-8")
    bom = script.sbom(text)
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    assert bom == script.sbom(text)
    assert len(bom["components"]) == len(script.locked(text))
    torch = next(c for c in bom["components"] if c["name"] == "torch")
    assert torch["purl"] == f"pkg:pypi/torch@{_pins()['torch']}+cpu"
    assert re.fullmatch("[0-9a-f]{64}", torch["hashes"][0]["content"])


def test_a_line_without_a_hash_is_refused(script: ModuleType) -> None:
    """Files of several platforms each have their hash; a package without any is named."""
    files = f"--hash=sha256:{'0' * 64} \\\n    --hash=sha256:{'1' * 64}"
    assert script.locked(f"torch==1.0+cpu \\\n    {files}\n") == [
        ("torch", "1.0+cpu", ["0" * 64, "1" * 64])
    ]
    with pytest.raises(ValueError, match=r"'torch==1.0': run `make lock`"):
        script.locked("torch==1.0")
