"""The folder, the environment and the metadata database of a local Airflow."""

import base64
import importlib.metadata
import json
import os
import secrets
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from nlp.errors import TriageError
from nlp.settings import Settings

PROJECT = Path(__file__).resolve().parents[3]
USERNAME = "admin"
USERS = {USERNAME: "admin", "lead": "user", "viewer": "viewer"}
"""Users and their Airflow roles: a lead can decide on the review page, a viewer only reads it."""
PORT = 8080
"""Airflow's default port."""
_MIGRATE_SECONDS = 300
_LOCAL_SETTINGS = """import sys

if "scheduler" in sys.argv:
    from nlp.apps.local.preload import preload

    preload()
    del preload
"""
"""The module that Airflow's components import as they start."""


@dataclass(frozen=True)
class Home:
    """A prepared AIRFLOW_HOME: its folder, the environment of its processes, its address."""

    folder: Path
    environment: dict[str, str]
    url: str
    password: str

    @property
    def passwords(self) -> dict[str, str]:
        """The password of each user."""
        others = {n: _kept(self.folder, f"password-{n}") for n in USERS if n != USERNAME}
        return {**others, USERNAME: self.password}

    @property
    def logs(self) -> Path:
        """The folder of the components' logs, one file each."""
        return self.folder / "components"


def prepare(settings: Settings, *, triage_url: str, airflow_url: str, port: int = PORT) -> Home:
    """Prepare the folder, the keys and the metadata database; repeating it costs little.

    `port` is used if it is free, else any free port; 0 asks for a free port at once, which is
    safer where several start at the same time. The first call takes about ten seconds, for
    Airflow's own migrations. Raises TriageError where they fail.
    """
    folder = settings.local_dir.resolve() / "airflow"
    home = Home(folder, {}, f"http://127.0.0.1:{free_port(port)}", _kept(folder, "password"))
    home.logs.mkdir(parents=True, exist_ok=True)
    environment = {
        **_inherited(),
        **_of_settings(settings, triage_url=triage_url),
        **_of_airflow(home, airflow_url=airflow_url),
    }
    home = Home(folder, environment, home.url, home.password)
    _write(folder / "passwords.json", json.dumps(home.passwords))
    (folder / "config").mkdir(exist_ok=True)
    _write(folder / "config" / "airflow_local_settings.py", _LOCAL_SETTINGS)
    _migrate(home, airflow_url=airflow_url)
    return home


def _inherited() -> dict[str, str]:
    """This process's environment without variables of another Airflow or of other settings."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW_", "TRIAGE_"))} | {
        k: v for k, v in os.environ.items() if k.startswith("AIRFLOW_CONN_")
    }


def _of_settings(settings: Settings, *, triage_url: str) -> dict[str, str]:
    """The settings as environment variables, from which `nlp.settings.load` reads them again."""
    values = settings.model_dump(mode="json", exclude_none=True)
    values["languages"] = ",".join(settings.languages)
    values["local_dir"] = str(settings.local_dir.resolve())
    values["database_url"] = triage_url
    for name in ("hash_key", "llm_key", "serve_token"):
        if secret := getattr(settings, name):
            values[name] = secret.get_secret_value()
    return {
        f"TRIAGE_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
    }


def _of_airflow(home: Home, *, airflow_url: str) -> dict[str, str]:
    cores = os.cpu_count() or 1
    paths = [str(PROJECT), os.environ.get("PYTHONPATH", "")]
    sections = {
        "CORE__DAGS_FOLDER": PROJECT / "dags",
        "CORE__PLUGINS_FOLDER": PROJECT / "plugins",
        "CORE__LOAD_EXAMPLES": False,
        "CORE__EXECUTOR": "LocalExecutor",
        # One task more than cores: it overlaps with the start of the next process.
        "CORE__PARALLELISM": min(cores, 4) + 1,
        "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(":".join(user) for user in USERS.items()),
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": home.folder / "passwords.json",
        "CORE__FERNET_KEY": _kept(home.folder, "fernet"),
        "CORE__EXECUTION_API_SERVER_URL": f"{home.url}/execution/",
        "DATABASE__SQL_ALCHEMY_CONN": airflow_url,
        "API__HOST": "127.0.0.1",
        "API__PORT": home.url.rsplit(":", 1)[-1],
        "API__BASE_URL": home.url,
        "API__SECRET_KEY": _kept(home.folder, "session"),
        "API_AUTH__JWT_SECRET": _kept(home.folder, "jwt"),
        "LOGGING__BASE_LOG_FOLDER": home.folder / "logs",
        # The defaults suit many DAGs; here, waiting would be most of a day's run.
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": 0.2,
        "DAG_PROCESSOR__PARSING_PROCESSES": 1,
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": 60,
    }
    return {
        **{f"AIRFLOW__{key}": str(value) for key, value in sections.items()},
        "AIRFLOW_HOME": str(home.folder),
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "HF_HUB_OFFLINE": "1",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def _migrate(home: Home, *, airflow_url: str) -> None:
    """Run `airflow db migrate` unless this version of Airflow has migrated this database."""
    done = home.folder / "migrated"
    version = importlib.metadata.version("apache-airflow-core")
    if done.exists() and done.read_text() == f"{version} {_schema(airflow_url)}":
        return
    log = home.logs / "migrate.log"
    with log.open("wb") as out:
        code = subprocess.run(
            [sys.executable, "-m", "airflow", "db", "migrate"],
            env=home.environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            timeout=_MIGRATE_SECONDS,
            check=False,
        ).returncode
    if code:
        raise TriageError(f"Airflow's database cannot be migrated. The end of {log}:\n{tail(log)}")
    _write(done, f"{version} {_schema(airflow_url)}")


def _schema(airflow_url: str) -> str | None:
    engine = create_engine(airflow_url)
    try:
        with engine.connect() as connection:
            return str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    except DBAPIError:
        return None
    finally:
        engine.dispose()


def _kept(folder: Path, name: str) -> str:
    """Return the key of that name; it is created at first use, readable only by its owner."""
    file = folder / "keys" / name
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(file, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    return file.read_text()


def _write(file: Path, content: str) -> None:
    """Write a file atomically, readable only by its owner."""
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
        out.write(content)
    new.replace(file)


def free_port(wanted: int) -> int:
    """Return `wanted` if it is free on 127.0.0.1, else any free port."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise TriageError("No port of 127.0.0.1 is free")


def tail(log: Path, *, n_lines: int = 25) -> str:
    """Return the last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-n_lines:])
