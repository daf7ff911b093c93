"""The local Airflow of `triage up`, with its metadata in the embedded server."""

import subprocess
import sys
from collections.abc import Sequence

from rich.console import Console

from nlp.apps.local.home import free_port, prepare
from nlp.apps.local.service import PORT, serving
from nlp.apps.local.stack import running
from nlp.settings import FilesSource, Settings, load
from sql import embedded
from sql.connect import migrate


def up() -> None:
    """Serve Airflow's UI with the DAGs until Ctrl-C."""
    console = Console()
    settings = _settings()
    serve_url = f"http://127.0.0.1:{free_port(PORT)}"
    settings = settings.model_copy(update={"serve_url": serve_url})
    migrate(settings)
    with (
        running(
            settings,
            triage_url=_messages(settings),
            airflow_url=_metadata(settings),
            on_step=lambda step: console.print(f"  {step} …", style="dim"),
        ) as airflow,
        serving(airflow.home, url=serve_url) as service,
    ):
        console.print(
            f"Predictions at [bold]{service}[/bold]/docs, bearer token {settings.bearer_token()}"
        )
        console.print(
            f"Airflow serves at [bold]{airflow.url}[/bold], user {airflow.username}, password "
            f"{airflow.password}. Ctrl-C ends it.\n"
            f"The review page is at [bold]{airflow.url}/triage/[/bold], user lead, password "
            f"{airflow.home.passwords['lead']}; to read only, user viewer, password "
            f"{airflow.home.passwords['viewer']}."
        )
        airflow.wait()


def airflow(arguments: Sequence[str]) -> int:
    """Run Airflow's own command line in the environment of `up`; return its exit code."""
    settings = _settings()
    home = prepare(settings, triage_url=_messages(settings), airflow_url=_metadata(settings))
    command = [sys.executable, "-m", "airflow", *arguments]
    return subprocess.run(command, env=home.environment, check=False).returncode  # noqa: S603


def local_settings() -> Settings:
    """The settings, but always with the embedded server and the sample inbox."""
    settings = load()
    url = embedded.start(settings.local_dir)
    inbox = FilesSource(kind="files", url=f"{settings.local_dir.resolve()}/inbox/{{day}}.csv")
    return load(database_url=url, sources={"inbox": inbox})


def _settings() -> Settings:
    """The user's settings where they name a database, else `local_settings`."""
    settings = load()
    return local_settings() if settings.database_url is None else settings


def _messages(settings: Settings) -> str:
    assert settings.database_url is not None
    return settings.database_url.get_secret_value()


def _metadata(settings: Settings) -> str:
    """The address of Airflow's own database, which is always in the embedded server."""
    embedded.start(settings.local_dir)
    return embedded.database_url(settings.local_dir, "airflow")
