"""What a file is likely to hold: which column is which field, which desk has exported it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from nlp.errors import SourceError
from nlp.settings import RowSetting, Settings
from nlp.sources.columns import ALIASES, REQUIRED, Columns, guess, guess_path, paths_of
from nlp.sources.csv_rows import Say
from nlp.sources.files import read_rows
from nlp.sources.presets import PRESETS
from nlp.sources.shape import Shape

_N_LOOKED_AT = 200


def header_of(path: Path, setting: RowSetting, settings: Settings, *, say: Say) -> dict[str, Any]:
    """Return the columns or dotted paths of the first rows, each with a value."""
    shape = Shape.of(setting, settings)
    everything = _Everything(shape.columns.own)
    shape = replace(shape, columns=everything, turns=None, attributes=())
    seen: dict[str, Any] = {}
    try:
        with path.open("rb") as file:
            rows = read_rows(file, name=path.name, shape=shape, say=say)
            for row in islice(rows, _N_LOOKED_AT):
                for name, value in {**row.fields, **paths_of(row.fields)}.items():
                    if seen.get(name) in (None, ""):
                        seen[name] = value
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    return seen


class _Everything(Columns):
    """Keeps every column of a row under its own name."""

    def bind(self, header: Sequence[str], file: str) -> dict[str, Any]:
        """See `Columns.bind`."""
        del file
        return {name.strip(): ((i,),) for i, name in enumerate(header) if name.strip()}

    def places(self, header: Sequence[str], file: str) -> dict[str, Any]:
        """See `Columns.places`; any first row is a header."""
        del header, file
        return dict.fromkeys(self.required, ())

    def require(self, missing: Sequence[str], header: Any, file: str) -> None:
        """See `Columns.require`; nothing is required."""

    def values(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """See `Columns.values`."""
        return dict(record)


def is_examples(header: Mapping[str, Any]) -> bool:
    """Whether a file holds labelled examples: a text and an intent, and no time."""
    has = {name: guess(name, header) for name in ("text", "intent", "created_at")}
    return bool(has["text"] and has["intent"]) and not has["created_at"]


def completed(setting: RowSetting, header: Mapping[str, Any]) -> RowSetting:
    """Return the setting with a preset or columns for what it does not name."""
    is_plain = {"created_at", "text"} <= header.keys()
    if not (setting.preset or setting.columns or is_plain) and (preset := _preset(header)):
        return setting.model_copy(update={"preset": preset})
    own = dict(setting.columns)
    if setting.preset is None:
        for name in REQUIRED:
            usual = {name, "message_id"} if name == "external_id" else {name}
            known = guess(name, [h for h in header if h in usual or h.strip().lower() in usual])
            if name not in own and known is None and (path := guess_path(name, header)):
                own[name] = path
    return setting.model_copy(update={"columns": own})


_MARKS = {
    "zendesk": ({"comments", "requester_id", "via.channel", "raw_subject"}, 2),
    "intercom": ({"source.body", "conversation_parts", "source.author.type", "message_body"}, 1),
    "freshdesk": ({"helpdesk_ticket", "description_text", "conversations", "responder_id"}, 2),
    "helpscout": ({"_embedded.threads", "primaryCustomer.id", "createdAt", "threads"}, 2),
}
"""What only the export of a desk has, and how many of it are enough to know it."""


def _preset(header: Mapping[str, Any]) -> str | None:
    keys = {part for name in header for part in (name, name.split(".", 1)[-1])}
    for name, (marks, enough) in _MARKS.items():
        assert name in PRESETS
        if len(marks & keys) >= enough:
            return name
    return None


def named(setting: RowSetting, header: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Return what each field is called in a file, and the columns that are not read."""
    preset = PRESETS[setting.preset].columns if setting.preset else {}
    own = {**preset, **setting.columns}
    columns = {}
    for name in ALIASES:
        if name in own:
            ways = [way for way in own[name].split("|") if way in header or "turn" in way]
            if name in setting.columns or ways:
                columns[name] = own[name] if name in setting.columns else ways[0]
        elif (
            name != "intent"
            and (column := guess(name, header))
            and (name in REQUIRED or column.lower().strip() == name)
        ):
            columns[name] = column
    return columns, [name for name in header if name not in columns.values()]
