"""Signatures of models, under a key that the database does not have.

A checksum lies beside what it checks: whoever changes the one changes the other.
"""

import hashlib
import hmac

from nlp.errors import ModelError

_REMEDY = "train again, or sign what you trust with `triage sign {version}`"


class Seal:
    """Signs and checks artefacts; without a key only their checksums."""

    def __init__(self, key: bytes | None) -> None:
        self._key = key

    def signature(self, version: str, artefact: bytes) -> str | None:
        """Return a mark of the key and an HMAC-SHA-256 of version and artefact, None without key.

        The version is signed along, so that a model cannot stand in for another one.
        """
        if self._key is None:
            return None
        code = hmac.new(self._key, version.encode() + b"\0" + artefact, hashlib.sha256)
        return f"{self._mark()}:{code.hexdigest()}"

    def check(self, version: str, artefact: bytes, *, sha256: str, signature: str | None) -> None:
        """Raise ModelError, with the remedy, unless the artefact is what was stored and signed."""
        remedy = _REMEDY.format(version=version)
        if hashlib.sha256(artefact).hexdigest() != sha256:
            raise ModelError(
                f"The artefact of model {version} is not what was stored (checksum). "
                "Roll back with `triage rollback`, train again, or restore the row from a backup"
            )
        if self._key is None:
            if signature is not None:
                raise ModelError(
                    f"Model {version} is signed, and TRIAGE_SIGNING_KEY is not set: it cannot be "
                    f"checked. Set it to the key of that day; if that was lost, set a new one and "
                    f"{remedy}"
                )
        elif signature is None:
            raise ModelError(f"Model {version} was stored without a signature: {remedy}")
        elif not signature.startswith(f"{self._mark()}:"):
            raise ModelError(
                f"Model {version} is signed with another key than TRIAGE_SIGNING_KEY. Restore that "
                f"key; if it was lost, {remedy}"
            )
        elif not hmac.compare_digest(signature, self.signature(version, artefact) or ""):
            raise ModelError(
                f"The artefact of model {version} is not what was signed: somebody changed it in "
                "the database. Roll back with `triage rollback`, or train again"
            )

    def _mark(self) -> str:
        return hmac.new(self._key or b"", b"mark", hashlib.sha256).hexdigest()[:12]
