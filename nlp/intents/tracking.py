"""Record trainings and models in MLflow: figures, pictures, the artefact and the alias.

Importing MLflow takes seconds, so it is imported where it is used. It stores no text of a message:
the artefact is the one in Postgres, recorded with its checksum.
"""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

from nlp.errors import RegistryError
from nlp.intents.pictures import confusion_png, reliability_png
from nlp.intents.training import Trained
from nlp.records import LearntModel, ModelRecord
from nlp.settings import Settings

NAME = "support-triage-intents"
_SECONDS = "10"


class MlflowTracker:
    """`nlp.ports.Tracker` on MLflow; `uri` names a server or a database."""

    def __init__(self, uri: str, *, artefacts: str | None = None) -> None:
        self.uri = uri
        self.artefacts = artefacts

    def log(self, model: ModelRecord, trained: Trained, *, card: str) -> str:
        """See `nlp.ports.Tracker`; the reference is `name/version`."""
        client = self._client()
        try:
            return self._log(client, model, trained, card=card)
        except RegistryError:
            raise
        except Exception as error:  # MLflow's own, or those of requests, urllib3 and SQLAlchemy
            raise self._unreachable(error) from error

    def replace(self, model: LearntModel) -> None:
        """See `nlp.ports.Tracker`; the checksum that was recorded stays, a tag has the new one."""
        name, _, number = (model.registry_ref or "").rpartition("/")
        try:
            client = self._client()
            run_id = client.get_model_version(name, number).run_id
            with tempfile.TemporaryDirectory() as folder:
                (Path(folder) / "model.npz").write_bytes(model.artefact)
                (Path(folder) / "card.md").write_text(model.card, encoding="utf-8")
                client.log_artifacts(run_id, folder)
            now = hashlib.sha256(model.artefact).hexdigest()
            client.set_tag(run_id, "artefact_sha256_after_erasure", now)
        except RegistryError:
            raise
        except Exception as error:  # see `log`
            raise self._unreachable(error) from error

    def mark_champion(self, reference: str) -> None:
        """See `nlp.ports.Tracker`."""
        name, _, number = reference.rpartition("/")
        try:
            self._client().set_registered_model_alias(name, "champion", number)
        except Exception as error:  # see `log`
            raise self._unreachable(error) from error

    def _log(self, client: Any, model: ModelRecord, trained: Trained, *, card: str) -> str:
        run = client.create_run(self._experiment(client), run_name=model.version)
        run_id = run.info.run_id
        for key, value in {
            "kind": model.kind,
            "encoder": model.encoder,
            "data_sha256": model.data_sha256,
            "n_examples": len(model.examples),
            "artefact_sha256": hashlib.sha256(model.artefact).hexdigest(),
        }.items():
            client.log_param(run_id, key, value)
        for key, number in model.metrics.items():
            client.log_metric(run_id, key, number)
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "model.npz").write_bytes(model.artefact)
            (Path(folder) / "card.md").write_text(card, encoding="utf-8")
            if len(trained.held_out.y):
                names = trained.model.intents
                picture = confusion_png(trained.held_out, names)
                (Path(folder) / "confusion.png").write_bytes(picture)
                (Path(folder) / "reliability.png").write_bytes(reliability_png(trained.held_out))
            client.log_artifacts(run_id, folder)
        client.set_terminated(run_id)
        return self._register(client, run_id, model)

    def _register(self, client: Any, run_id: str, model: ModelRecord) -> str:
        from mlflow.exceptions import MlflowException

        try:
            client.create_registered_model(NAME)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        source = f"{client.get_run(run_id).info.artifact_uri}/model.npz"
        made = client.create_model_version(
            NAME, source, run_id=run_id, tags={"version": model.version}
        )
        client.set_registered_model_alias(NAME, "challenger", made.version)
        return f"{NAME}/{made.version}"

    def _experiment(self, client: Any) -> str:
        experiment = client.get_experiment_by_name(NAME)
        if experiment is not None:
            return str(experiment.experiment_id)
        return str(client.create_experiment(NAME, artifact_location=self.artefacts))

    def _client(self) -> Any:
        # MLflow's default retries would keep a task waiting for minutes.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", _SECONDS)
        os.environ.setdefault("MLFLOW_ENABLE_ASYNC_LOGGING", "false")
        try:
            from mlflow import MlflowClient

            return MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)
        except Exception as error:  # a database that cannot be opened
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> RegistryError:
        place = self.uri.partition("://")[0]
        return RegistryError(
            f"The model registry ({place}://…) does not answer: {type(error).__name__}. The new "
            "model is stored in Postgres; the model in service is unchanged. Fix TRIAGE_MLFLOW_URI "
            "and train again, or set it to off"
        )


def tracker_of(settings: Settings) -> MlflowTracker | None:
    """Return the tracker that the settings name, or None where it is off."""
    if settings.mlflow_uri == "off":
        return None
    if settings.mlflow_uri:
        return MlflowTracker(settings.mlflow_uri)
    folder = (settings.local_dir / "mlflow").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return MlflowTracker(f"sqlite:///{folder}/mlflow.db", artefacts=(folder / "runs").as_uri())
