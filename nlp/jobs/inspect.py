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
from nlp.text.redact import redactor_of

_N_SHOWN = 3
_N_OF_DESK = 50
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_DAY_FOLDERS = re.compile(r"/\d{4}/\d\d/\d\d(/\d\d)?(?=/)")


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
    reasons: Counter[str] = field(default_factory=Counter)
    rejected: dict[str, Rejected] = field(default_factory=dict)
    """The first row of each reason."""
    problem: str = ""
    """Why the file as a whole cannot be read."""
    is_poor: bool = False
    """Whether less than half of the rows would be stored."""
    command: str = ""
    """What to run."""
    source: str = ""
    """The same as a setting, for every day."""
    either: str = ""
    """What is said behind both where days and months could be read in two ways."""


def look_at(path: Path, setting: RowSetting, settings: Settings) -> Findings:
    """Return what is found in a file that is read as `setting` says; the rest is guessed."""
    findings = Findings()
    header = header_of(path, setting, settings, say=findings.notes.append)
    if is_examples(header):
        findings.columns = {f: name for f in ("text", "intent") if (name := guess(f, header))}
        findings.command = f"triage train {_quoted(path)}"
        return findings
    setting = completed(setting, header)
    columns, others = named(setting, header)
    # Without a header, the first message takes its place.
    names = redactor_of(settings)
    findings.columns = {field: names.redact(name).text for field, name in columns.items()}
    findings.others = [names.redact(name).text for name in others]
    _read(path, setting, settings, findings)
    if "(dmy)" in findings.problem:
        setting = setting.model_copy(update={"time_format": "dmy"})
        findings.either = ", or the same with mdy"
    elif findings.problem or findings.is_poor:
        return findings
    findings.command = _command(path, setting)
    findings.source = _source(path, setting)
    return findings


def look_at_desk(desk: Desk, day: dt.date, *, settings: Settings) -> Findings:
    """Return what the first messages of a day in a helpdesk would become; nothing is stored."""
    findings, gate = Findings(n_days=1), Gate(desk.name, day, settings=settings)
    rows = list(islice(desk.pull(day), _N_OF_DESK))
    messages, rejected = gate.pass_through(rows)
    _count(messages, rejected, {}, findings)
    findings.n_rows = len(rows)
    at_most = f"the first {_N_OF_DESK} " if len(rows) == _N_OF_DESK else ""
    findings.notes.append(f"{desk.name} answers: {at_most}messages of {day}")
    if not rows:
        findings.problem = f"No message was written on {day}. Try `triage ingest` with another day"
    findings.command = f"triage run-day {day}"
    return findings


def _read(path: Path, setting: RowSetting, settings: Settings, findings: Findings) -> None:
    shape = Shape.of(setting, settings)
    try:
        findings.time_form = _time_form(path, shape)
        source = ReplaySource(path, zone=settings.zone, shape=shape, say=findings.notes.append)
    except SourceError as error:
        findings.problem = str(error)
        return
    findings.notes = list(dict.fromkeys(findings.notes))
    findings.n_days = len(source.days)
    ids: dict[str, str] = {}
    for day in source.days:
        gate = Gate(source.name, day, settings=settings)
        for messages, rejected in gate.batches(source.pull(day)):
            _count(messages, rejected, ids, findings)
        findings.n_rows += gate.n_pulled
    findings.is_poor = 2 * findings.n_good < findings.n_rows


def _count(
    messages: list[Message], rejected: list[Rejected], ids: dict[str, str], findings: Findings
) -> None:
    for one in messages:
        known = ids.setdefault(one.message_id, one.text_hash)
        is_new = known == one.text_hash
        findings.n_good += is_new
        findings.reasons["id_conflict"] += not is_new
        if len(findings.messages) < _N_SHOWN and is_new:
            findings.messages.append(one)
    for broken in rejected:
        findings.reasons[broken.reason] += 1
        findings.rejected.setdefault(broken.reason, broken)
    findings.reasons = +findings.reasons


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
    """Return the setting that reads a file like this every day."""
    options = setting.model_dump(mode="json", exclude_defaults=True)
    url = _of_every_day(path)
    return json.dumps({"inbox": {"kind": "files", "url": url, **options}}, ensure_ascii=False)


def _of_every_day(path: Path) -> str:
    """Return the place of a day's files: by its folder, its name, or a name for each day."""
    folder, name = str(path.parent) + "/", path.name
    if match := _DAY_FOLDERS.search(folder):
        hour = "/{hour}" if match[1] else ""
        return f"{folder[: match.start()]}/{{year}}/{{month}}/{{day}}{hour}{folder[match.end() :]}*"
    if _ISO_DAY.search(folder):
        return _ISO_DAY.sub("{day}", folder) + "*"
    if _ISO_DAY.search(name):
        return str(path.parent / _ISO_DAY.sub("{day}", name))
    return str(path.parent / ("{day}" + "".join(path.suffixes)))
