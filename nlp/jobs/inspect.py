"""Look at a file before it is read in earnest: how it is written, and what would become of it."""

import datetime as dt
import json
import re
import shlex
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from nlp.errors import SourceError
from nlp.jobs.ingest import Gate
from nlp.ports import Desk
from nlp.records import Message, Rejected
from nlp.settings import RowSetting, Settings
from nlp.sources.columns import guess
from nlp.sources.files import form_of, read_rows
from nlp.sources.guess import completed, header_of, is_examples, named
from nlp.sources.replay import ReplaySource
from nlp.sources.shape import Shape
from nlp.sources.times import Form, FormError

_N_SHOWN = 3
_N_OF_DESK = 50
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass
class Findings:
    """What a file holds and how to read it; no raw text is in it."""

    notes: list[str] = field(default_factory=list)
    """How it is written, where that is not plain."""
    columns: dict[str, str] = field(default_factory=dict)
    """Each field of the contract that was found, and what it is called in the file."""
    others: list[str] = field(default_factory=list)
    """Further columns."""
    time_form: str = ""
    messages: list[Message] = field(default_factory=list)
    """The first rows, as they would be stored."""
    n_rows: int = 0
    n_days: int = 0
    n_good: int = 0
    n_repeated: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    rejected: dict[str, Rejected] = field(default_factory=dict)
    """The first row of each reason."""
    problem: str = ""
    """Why the file as a whole cannot be read."""
    command: str = ""
    """What to run."""
    source: str = ""
    """The same as a setting, for every day."""


def look_at(path: Path, setting: RowSetting, settings: Settings) -> Findings:
    """Return what is found in a file that is read as `setting` says; the rest is guessed."""
    found = Findings()
    header = header_of(path, setting, settings, say=found.notes.append)
    if is_examples(header):
        found.columns = {f: name for f in ("text", "intent") if (name := guess(f, header))}
        found.command = f"triage train {_quoted(path)}"
        return found
    setting = completed(setting, header)
    found.columns, found.others = named(setting, header)
    _read(path, setting, settings, found)
    found.command = _command(path, setting)
    if "(dmy)" in found.problem:
        found.command += " --time-format dmy, or the same with mdy"
    found.source = _source(path, setting)
    return found


def look_at_desk(desk: Desk, day: dt.date, *, settings: Settings) -> Findings:
    """Return what the first messages of a day in a helpdesk would become; nothing is stored."""
    found, gate = Findings(n_days=1), Gate(desk.name, day, settings=settings)
    rows = list(islice(desk.pull(day), _N_OF_DESK))
    messages, rejected = gate.pass_through(rows)
    _count(messages, rejected, {}, found)
    found.n_rows = len(rows)
    at_most = f"the first {_N_OF_DESK} " if len(rows) == _N_OF_DESK else ""
    found.notes.append(f"{desk.name} answers: {at_most}messages of {day}")
    if not rows:
        found.problem = f"No message was written on {day}. Try `triage ingest` with another day"
    found.command = f"triage run-day {day}"
    return found


def _read(path: Path, setting: RowSetting, settings: Settings, found: Findings) -> None:
    shape = Shape.of(setting, settings)
    try:
        found.time_form = _time_form(path, shape)
        source = ReplaySource(path, zone=settings.zone, shape=shape, say=found.notes.append)
    except SourceError as error:
        found.problem = str(error)
        return
    found.notes = list(dict.fromkeys(found.notes))
    found.n_days = len(source.days)
    ids: dict[str, str] = {}
    for day in source.days:
        gate = Gate(source.name, day, settings=settings)
        for messages, rejected in gate.batches(source.pull(day)):
            _count(messages, rejected, ids, found)
        found.n_rows += gate.n_pulled


def _count(
    messages: list[Message], rejected: list[Rejected], ids: dict[str, str], found: Findings
) -> None:
    for one in messages:
        known = ids.setdefault(one.message_id, one.text_hash)
        is_new = known == one.text_hash
        found.n_good += is_new
        found.reasons["id_conflict"] += not is_new
        if len(found.messages) < _N_SHOWN and is_new:
            found.messages.append(one)
    for broken in rejected:
        found.reasons[broken.reason] += 1
        found.rejected.setdefault(broken.reason, broken)
    found.reasons = +found.reasons


def _time_form(path: Path, shape: Shape) -> str:
    with path.open("rb") as file:
        evidence = form_of(read_rows(file, name=path.name, shape=shape, say=_be_silent), shape)
    try:
        form = evidence if isinstance(evidence, Form) else evidence.form()
    except FormError:
        return "not certain"
    zone = "" if not form.is_naive else ", without an offset"
    return f"{form.name or 'ISO 8601 or another that reads itself'}{zone}"


def _be_silent(sentence: str) -> None:
    del sentence


_OPTIONS = {"external_id": "--id-column", "created_at": "--time-column", "text": "--text-column"}


def _quoted(value: object) -> str:
    return shlex.quote(str(value))


def _command(path: Path, setting: RowSetting) -> str:
    parts = ["triage", "replay", _quoted(path), "--out", "result"]
    if setting.preset:
        parts += ["--preset", setting.preset]
    for name, column in setting.columns.items():
        if name in _OPTIONS:
            parts += [_OPTIONS[name], _quoted(column)]
    for name in ("timezone", "time_format", "encoding", "rows"):
        if value := getattr(setting, name):
            parts += [f"--{name.replace('_', '-')}", _quoted(value)]
    return " ".join(parts)


def _source(path: Path, setting: RowSetting) -> str:
    said = setting.model_dump(mode="json", exclude_defaults=True)
    url = _ISO_DAY.sub("{day}", str(path))
    return json.dumps({"inbox": {"kind": "files", "url": url, **said}}, ensure_ascii=False)
