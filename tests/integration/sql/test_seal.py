"""Models are signed with a key that the database does not have."""

import hashlib

import pytest
from sqlalchemy import Engine

from nlp.errors import ModelError
from nlp.records import LearntModel, ModelRecord
from sql.connect import PostgresStore
from sql.stores.erasures.store import Erasures
from sql.stores.seal import Seal

_KEY, _OTHER = b"a key of sixteen or more", b"another key of that length"


def _model(artefact: bytes = b"weights") -> ModelRecord:
    return ModelRecord(version="v1", encoder="test", kind="kernel", artefact=artefact, metrics={},
                       intents={}, data_sha256="", examples=(), card="", role="challenger",
                       gate=None, approved_by=None, registry_ref=None)  # fmt: skip


@pytest.fixture
def signed(store: PostgresStore) -> Engine:
    """A database with one signed model."""
    PostgresStore(store.engine, signing_key=_KEY).save_model(_model())
    return store.engine


def test_a_model_changed_with_its_checksum_is_refused(signed: Engine) -> None:
    """Who can write the database can make a checksum, not a signature."""
    trusting = PostgresStore(signed, signing_key=_KEY)
    assert trusting.model("v1").artefact == b"weights"
    with signed.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE triage.model_versions SET artefact = 'evil', "
            "artefact_sha256 = encode(sha256('evil'), 'hex'), role = 'champion'"
        )
    for read in (lambda: trusting.model("v1"), trusting.champion):
        with pytest.raises(ModelError, match="not what was signed"):
            read()
    with signed.begin() as connection, pytest.raises(ModelError, match="not what was signed"):
        Erasures(connection, trusting.seal).save_model(LearntModel("v1", "test", b"less", ""))


def test_a_lost_key_is_said_and_remedied(signed: Engine) -> None:
    """Without the key, or with another, one line says what to do; signing anew does it."""
    with pytest.raises(ModelError, match=r"SIGNING_KEY is not set.*triage sign v1"):
        PostgresStore(signed).model("v1")
    renewed = PostgresStore(signed, signing_key=_OTHER)
    with pytest.raises(ModelError, match=r"another key than TRIAGE_SIGNING_KEY.*triage sign v1"):
        renewed.model("v1")
    renewed.sign("v1")
    assert renewed.model("v1").artefact == b"weights"
    with pytest.raises(ModelError, match="nothing to sign with"):
        PostgresStore(signed).sign("v1")
    with pytest.raises(ModelError, match="no model 'v2'"):
        renewed.sign("v2")


def test_an_erasure_signs_what_is_left(signed: Engine) -> None:
    """A model that forgets is signed anew; without the key nothing of it changes."""
    for key, error in ((None, "SIGNING_KEY is not set"), (_OTHER, "another key")):
        with signed.begin() as connection, pytest.raises(ModelError, match=error):
            Erasures(connection, Seal(key)).save_model(LearntModel("v1", "test", b"less", ""))
    with signed.begin() as connection:
        Erasures(connection, Seal(_KEY)).save_model(LearntModel("v1", "test", b"less", ""))
    assert PostgresStore(signed, signing_key=_KEY).model("v1").artefact == b"less"


def test_a_signature_is_of_one_version() -> None:
    """The signature of a model does not fit another one, and an unsigned one is named."""
    seal = Seal(_KEY)
    signature = seal.signature("v1", b"weights")
    sha = "9d6e1b4bdb0a8d2f"
    with pytest.raises(ModelError, match="checksum"):
        seal.check("v1", b"weights", sha256=sha, signature=signature)
    sha = hashlib.sha256(b"weights").hexdigest()
    seal.check("v1", b"weights", sha256=sha, signature=signature)
    with pytest.raises(ModelError, match="not what was signed"):
        seal.check("v2", b"weights", sha256=sha, signature=signature)
    with pytest.raises(ModelError, match="without a signature"):
        seal.check("v1", b"weights", sha256=sha, signature=None)
    Seal(None).check("v1", b"weights", sha256=sha, signature=None)
