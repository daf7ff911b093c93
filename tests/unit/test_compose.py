"""What can be checked of the production files without a container engine."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from nlp.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]
COMPOSE = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
DOCKERFILE = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
EXAMPLE = (PROJECT / ".env.example").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
AIRFLOW = sorted(name for name in SERVICES if name.startswith("airflow-"))
SECRET = re.compile(r"PASSWORD|SECRET|FERNET|HASH_KEY|SIGNING_KEY|SERVE_TOKEN")


def _variables(text: str) -> list[tuple[str, str]]:
    """Each `${NAME…}` that Compose fills in, as (name, what follows the name)."""
    return re.findall(r"(?<!\$)\$\{([A-Z_]+)([^}]*)\}", text)


def test_all_services_are_there() -> None:
    """There are Airflow's six services, the database, the broker and the prediction service."""
    parts = ("apiserver", "dag-processor", "init", "scheduler", "triggerer", "worker")
    assert [f"airflow-{part}" for part in parts] == AIRFLOW
    assert set(SERVICES) - set(AIRFLOW) == {"postgres", "redis", "triage-serve"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_watched_and_restarted(name: str) -> None:
    """Each service has a health check and a restart policy."""
    service = SERVICES[name]
    assert len(service["healthcheck"]["test"]) >= 2
    assert service["healthcheck"]["interval"]
    assert service["restart"] == ("on-failure:3" if name == "airflow-init" else "unless-stopped")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_dependencies_are_waited_for(name: str) -> None:
    """A service waits until what it needs is healthy, and until the init service has ended."""
    needs = SERVICES[name].get("depends_on", {})
    for other, how in needs.items():
        ends = other == "airflow-init"
        wanted = "service_completed_successfully" if ends else "service_healthy"
        assert how == {"condition": wanted}
    if name.startswith("airflow-"):
        assert {"postgres", "redis"} <= set(needs)
        assert ("airflow-init" in needs) is (name != "airflow-init")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_images_are_pinned(name: str) -> None:
    """Each image has a tag that begins with a version, and can be named by its digest instead."""
    assert re.fullmatch(
        r"\$\{TRIAGE_(\w+_)?IMAGE:-[\w/-]+:v?\d+\.\d+[\w.-]*\}", SERVICES[name]["image"]
    )


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_service_can_gain_rights_or_write_to_its_image(name: str) -> None:
    """Read-only file systems, no capabilities but those that a start needs, and limits."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")
    assert service["mem_limit"]
    assert service["cpus"]
    assert service["pids_limit"]
    assert ("cap_add" in service) is (name == "postgres")
    if name in ("redis", "postgres"):
        return
    written = {mount.split(":")[0] for mount in service["tmpfs"]}
    assert written == {"/tmp", "/opt/airflow"}
    assert service["volumes"] == ["airflow-logs:/opt/airflow/logs"]
    assert "uid=50000" in service["tmpfs"][1]
    assert "useradd --uid 50000" in DOCKERFILE


def test_base_image_is_pinned() -> None:
    """The Dockerfile uses a fixed patch version of Python 3.11, or a digest that is given to it."""
    assert re.findall(r"^FROM (.*)$", DOCKERFILE, re.MULTILINE) == ["${BASE}"]
    (base,) = re.findall(r"^ARG BASE=(.*)$", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", base)


@pytest.mark.parametrize("name", AIRFLOW)
def test_settings_reach_every_airflow_service(name: str) -> None:
    """Each setting of `nlp.settings` is passed to each Airflow service, and no other name."""
    passed = {key for key in SERVICES[name]["environment"] if key.startswith("TRIAGE_")}
    assert passed == {f"TRIAGE_{field.upper()}" for field in Settings.model_fields}


@pytest.mark.parametrize("name", AIRFLOW)
def test_airflow_services_agree(name: str) -> None:
    """All services run one image with CeleryExecutor, the same keys and real logins."""
    environment = SERVICES[name]["environment"]
    shared = dict(SERVICES["airflow-scheduler"]["environment"])
    del shared["TRIAGE_DATABASE_URL"]
    assert {key: environment[key] for key in shared} == shared
    assert SERVICES[name]["image"] == SERVICES["airflow-scheduler"]["image"]
    assert shared["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert "Simple" not in shared["AIRFLOW__CORE__AUTH_MANAGER"]
    assert shared["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"].endswith(":8080/execution/")
    for key in ("CORE__FERNET_KEY", "API_AUTH__JWT_SECRET", "API__SECRET_KEY"):
        assert shared[f"AIRFLOW__{key}"].startswith("${")


def test_secrets_have_no_default() -> None:
    """Compose does not start while a secret is unset or empty."""
    secrets = [(name, rest) for name, rest in _variables(COMPOSE) if SECRET.search(name)]
    assert len({name for name, _ in secrets}) == 14
    assert all(rest.startswith(":?") for _, rest in secrets)


def test_no_secret_is_written_down() -> None:
    """Every secret key, and every password in a URL, is a variable or empty."""
    for service in SERVICES.values():
        for key, value in service["environment"].items():
            if SECRET.search(key):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?[^}]+\}", value), key
    without = re.sub(r"\$\{[^}]*\}", "", COMPOSE)
    assert re.findall(r"://\w*:([^@/\s]+)@", without) == []


def test_example_names_every_variable_and_holds_no_value() -> None:
    """`.env.example` has each variable of Compose; required ones are empty."""
    required = {name for name, rest in _variables(COMPOSE) if rest.startswith(":?")}
    optional = {name for name, _ in _variables(COMPOSE)} - required
    given = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
    assert given == dict.fromkeys(required, "")
    for name in optional:
        assert re.search(rf"^#{name}=", EXAMPLE, re.MULTILINE), name


def test_only_the_api_server_is_published() -> None:
    """Only the UI is reachable from outside, and only from this host."""
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {"airflow-apiserver": ["127.0.0.1:8080:8080"]}


def test_databases_are_apart() -> None:
    """Airflow and the messages have a database and a role each, which the other cannot use."""
    script = yaml.safe_load(COMPOSE)["configs"]["postgres-init"]["content"]
    for name in ("airflow", "triage"):
        assert f"CREATE DATABASE {name} OWNER {name}" in script
        assert f"REVOKE ALL ON DATABASE {name} FROM PUBLIC" in script
    environment = SERVICES["airflow-worker"]["environment"]
    assert environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].endswith("/airflow")
    assert environment["TRIAGE_DATABASE_URL"].endswith("/triage")


def test_init_prepares_everything() -> None:
    """The init service migrates both databases and creates the DAGs' pool and the first user."""
    script = SERVICES["airflow-init"]["command"][-1]
    for step in ("airflow db migrate", "triage migrate", "airflow users create"):
        assert step in script
    assert "airflow pools set triage_embedding" in script
    assert 'EMBEDDING_POOL = "triage_embedding"' in (
        PROJECT / "dags" / "triage_dag_parts.py"
    ).read_text(encoding="utf-8")


def test_image_holds_the_code_and_the_pins() -> None:
    """The image installs from the lock, contains four folders, and does not run as root."""
    assert "pip install --no-deps --require-hashes --requirement requirements.lock" in DOCKERFILE
    assert re.findall("pip install", DOCKERFILE) == ["pip install"] * 2
    copied = re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE)
    assert copied == ["nlp", "sql", "dags", "plugins"]
    last_user = re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE)[-1]
    assert last_user not in ("root", "0")
    folders = SERVICES["airflow-worker"]["environment"]
    workdir = re.findall(r"^WORKDIR (.*)$", DOCKERFILE, re.MULTILINE)[-1]
    assert folders["AIRFLOW__CORE__DAGS_FOLDER"] == f"{workdir}/dags"
    assert folders["AIRFLOW__CORE__PLUGINS_FOLDER"] == f"{workdir}/plugins"


def test_build_context_holds_what_is_copied() -> None:
    """`.dockerignore` admits what the Dockerfile copies, and no secret or data."""
    lines = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {line[1:] for line in lines if line.startswith("!")}
    copied = {
        word
        for line in re.findall(r"^COPY (.*)$", DOCKERFILE, re.MULTILINE)
        for word in line.split()[:-1]
    }
    assert "*" in lines
    assert copied == let_through
    assert all((PROJECT / name).exists() for name in copied)


def test_extra_packages_are_pinned_to_this_airflow() -> None:
    """Extra production packages are pinned, meet the same constraints, and are not duplicates."""
    extras = re.findall(r"^# production: ([\w-]+)(?:\[\w+\])?==[\d.]+$", DOCKERFILE, re.MULTILINE)
    assert "apache-airflow-providers-celery" in extras
    assert "apache-airflow-providers-fab" in extras
    pins = (PROJECT / "requirements.txt").read_text(encoding="utf-8")
    assert [name for name in extras if re.search(rf"^{name}==", pins, re.MULTILINE)] == []


def test_console_command_exists() -> None:
    """`pip install .` puts `triage`, which the init service calls, on the path."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["scripts"]["triage"] == "nlp.apps.cli.app:main"
