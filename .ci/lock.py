"""The lock of production: each package with the hashes of its files, and a list of them as an SBOM.

`make lock` lets uv resolve what `roots` says; `make sbom` turns the lock into CycloneDX.
"""

import json
import re
import sys
import uuid
from pathlib import Path
from typing import Any

_PROJECT = Path(__file__).parents[1]
_PACKAGE = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?P<files>(?: --hash=sha256:[0-9a-f]{64})+)"
)


def roots(requirements: str, dockerfile: str) -> str:
    """Return what production asks for: the first part of requirements.in and the image's extras."""
    production = requirements.split("# Development", 1)[0]
    extras = re.findall(r"^# production: (.*)$", dockerfile, re.MULTILINE)
    return "\n".join([production, *extras]) + "\n"


def locked(text: str) -> list[tuple[str, str, list[str]]]:
    """Return name, version and hashes of each package. Raises ValueError where one has none."""
    rows = []
    for line in re.sub(r" \\\n +", " ", text).splitlines():
        if line.startswith("#"):
            continue
        match = _PACKAGE.fullmatch(line)
        if match is None:
            raise ValueError(f"requirements.lock has {line[:80]!r}: run `make lock`")
        rows.append((match["name"], match["version"], re.findall("[0-9a-f]{64}", match["files"])))
    return rows


def sbom(text: str) -> dict[str, Any]:
    """Return the packages of a lock as CycloneDX 1.6; the same lock gives the same document."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, text)}",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "support-triage"}},
        "components": [
            {
                "type": "library", "name": name, "version": version,
                "purl": f"pkg:pypi/{name}@{version}",
                "bom-ref": f"pkg:pypi/{name}@{version}",
                "hashes": [{"alg": "SHA-256", "content": sha} for sha in files],
            }
            for name, version, files in locked(text)
        ],
    }  # fmt: skip


def main() -> None:
    """`lock.py roots` and `lock.py sbom`, on standard output."""
    if sys.argv[1:] == ["roots"]:
        dockerfile = (_PROJECT / "Dockerfile").read_text(encoding="utf-8")
        wanted = (_PROJECT / "requirements.in").read_text(encoding="utf-8")
        sys.stdout.write(roots(wanted, dockerfile))
    else:
        text = (_PROJECT / "requirements.lock").read_text(encoding="utf-8")
        sys.stdout.write(json.dumps(sbom(text), indent=2) + "\n")


if __name__ == "__main__":
    main()
