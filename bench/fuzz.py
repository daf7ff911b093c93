"""Ten thousand damaged files: no traceback, every row is counted once, memory stays bounded."""

import bz2
import csv
import gzip
import io
import json
import random
import resource
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from nlp.errors import TriageError
from nlp.jobs.inspect import Findings, look_at
from nlp.settings import RowSetting, Settings, load

N_FILES = 10_000
_TIMES = ("2026-03-02T09:00:00Z", "2026-03-02 09:00", "03/04/2026", "13/04/2026", 1_772_442_000,
          "1772442000000", "46083.5", "Mon, 2 Mar 2026 09:00:00 +0000", "soon", "", None,
          "9999-12-31T23:59:59+00:00", "0001-01-01", 10**30, float("inf"),
          "\u0662\u0660")  # fmt: skip
_TEXTS = ("My card is lost", "", None, "two\nlines, and \"quotes\"", "caf\u00e9 \u2013 20 \u20ac",
          "\0",
          "\ud800", "x" * 3_000, 4111111111111111, ["a"], {"b": {"c": 1}}, "<p>hi</p>",
          True)  # fmt: skip
_IDS = ("1", 2, "2.02603E+11", None, "", 10**25, 1.5, "jane@mail.example", "a+b")
_NAMES = ("message_id", "external_id", "ID", "Ticket ID", "id")
_CHUNKS = (b"\n", b"\r\n", b'"', b"'", b",", b";", b"\t", b"{", b"}", b"[", b"]", b"\0",
           b"\xff\xfe", b"\xef\xbb\xbf", b"\xe9", b"sep=;\n", b"\x1f\x8b\x08", b"PAR1",
           b"\\u0000", b"NaN", b"1e999", b"\xf0\x9f\x98", b"null", b":" * 50,
           b"[" * 300)  # fmt: skip


def _rows(draw: random.Random) -> list[dict[str, Any]]:
    name = draw.choice(_NAMES)
    return [
        {
            name: draw.choice([n, *_IDS]),
            "created_at": draw.choice((_TIMES[0], _TIMES[0], draw.choice(_TIMES))),
            "text": draw.choice((f"My card {n} is lost", draw.choice(_TEXTS))),
            "channel": draw.choice(("mail", None, {"a": 1})),
        }
        for n in range(draw.randrange(12))
    ]


def _csv(rows: list[dict[str, Any]], draw: random.Random) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=draw.choice(",;\t|"))
    writer.writerow(rows[0] if rows else ("message_id", "created_at", "text"))
    writer.writerows([list(row.values()) for row in rows])
    encoding = draw.choice(("utf-8", "utf-16", "cp1252", "utf-8-sig"))
    return out.getvalue().encode(encoding, "replace")


def _json(rows: list[dict[str, Any]], draw: random.Random) -> bytes:
    form = draw.randrange(4)
    if form == 0:
        return "\n".join(json.dumps(row) for row in rows).encode()
    if form == 1:
        return json.dumps({"data": {"items": [{"ticket": row} for row in rows]}}).encode()
    if form == 2:
        desk = [{"id": n, "requester_id": 5, "created_at": row["created_at"], "via": {"channel": 1},
                 "description": row["text"], "comments": [row, {"id": 1}]}
                for n, row in enumerate(rows)]  # fmt: skip
        return json.dumps({"tickets": desk}, indent=draw.choice((None, 1))).encode()
    return json.dumps(rows).encode()


def _parquet(rows: list[dict[str, Any]], draw: random.Random) -> bytes:
    del draw
    out = io.BytesIO()
    plain = [{k: str(v).encode(errors="replace").decode() for k, v in row.items()} for row in rows]
    pq.write_table(pa.Table.from_pylist(plain), out)
    return out.getvalue()


_FORMS: dict[str, Callable[[list[dict[str, Any]], random.Random], bytes]] = {
    "csv": _csv, "json": _json, "jsonl": _json, "parquet": _parquet, "txt": _csv, "": _json,
}  # fmt: skip
_PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
}


def damaged(data: bytes, draw: random.Random) -> bytes:
    """Return the bytes after some of them were changed, doubled, cut or lost."""
    result = bytearray(data)
    for _ in range(draw.choice((0, 1, 1, 2, 5, 20))):
        at = draw.randrange(len(result) + 1)
        kind = draw.randrange(5)
        if kind == 0 and at < len(result):
            result[at] ^= 1 << draw.randrange(8)
        elif kind == 1:
            result[at:at] = draw.choice(_CHUNKS)
        elif kind == 2:
            del result[at : at + draw.randrange(1, 40)]
        elif kind == 3:
            result[at:at] = result[at // 2 : at]
        elif draw.random() < 0.2:
            del result[at:]
    return bytes(result)


def one_file(number: int, folder: Path) -> Path:
    """Write the damaged file of a number; the same number gives the same file."""
    draw = random.Random(number)
    suffix = draw.choice(sorted(_FORMS))
    packer = draw.choice(sorted(_PACKERS))
    data = _FORMS[suffix](_rows(draw), draw)
    if draw.random() < 0.5:
        data = _PACKERS[packer](damaged(data, draw))
    else:
        data = damaged(_PACKERS[packer](data), draw)
    path = folder / f"file{'.' * bool(suffix)}{suffix}{packer}"
    path.write_bytes(data)
    return path


def outcome(path: Path, settings: Settings) -> str:
    """Return what reading a file comes to; what must not be begins with an exclamation mark."""
    try:
        found: Findings = look_at(path, RowSetting(), settings)
    except TriageError:
        return "refused"
    except Exception:
        return f"! {traceback.format_exc()}"
    if found.n_rows != found.n_good + sum(found.reasons.values()):
        return f"! {found.n_rows} rows, {found.n_good} good, {dict(found.reasons)}"
    return (
        "refused"
        if found.problem
        else f"read, {'some rows quarantined' if found.reasons else 'every row stored'}"
    )


def main(data: Path) -> None:
    """Read the files and print what became of them."""
    del data
    started, counts = time.perf_counter(), Counter[str]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = load(hash_key="key", local_dir=folder, _env_file=None)
        for number in range(N_FILES):
            path = one_file(number, folder)
            result = outcome(path, settings)
            if result.startswith("!"):
                print(f"file {number}: {result}")
                result = "failed"
            counts[result] += 1
            path.unlink()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"## {N_FILES:,} damaged files\n\n| | |\n|---|---|")
    for result, n in counts.most_common():
        print(f"| {result} | {n:,} |")
    print(f"| most memory, libraries included | {most:,.0f} MiB |")
    print(f"| seconds | {time.perf_counter() - started:,.0f} |")
