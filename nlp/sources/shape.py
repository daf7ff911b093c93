"""How the rows of a source are written, as its settings or a preset say: one record for all kinds.

What is not said is found out in the file.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from nlp.settings import RowSetting, Settings
from nlp.sources.columns import Columns
from nlp.sources.limits import DEFAULT, Limits
from nlp.sources.optional import EXTRA
from nlp.sources.presets import PRESETS
from nlp.sources.turns import Turns


@dataclass(frozen=True)
class Shape:
    """How the rows of a source are read."""

    columns: Columns = field(default_factory=lambda: Columns({}))
    attributes: tuple[str, ...] = ()
    """Further columns, kept as attributes under their own names."""
    zone: dt.tzinfo | None = None
    """Zone of times without an offset, where the source names one."""
    default_zone: dt.tzinfo | None = None
    """Zone of such times where none is named, in a column whose times have no offset. None: they
    stay without."""
    time_format: str | None = None
    encoding: str | None = None
    rows_at: str | None = None
    """Path of the list of rows in a JSON document."""
    turns: Turns | None = None
    limits: Limits = DEFAULT

    @property
    def reading(self) -> Columns:
        """The columns to read: the fields of the contract, and the attributes."""
        if not self.attributes:
            return self.columns
        extra = {f"{EXTRA}{name}": name for name in self.attributes}
        return Columns(
            {**self.columns.own, **extra}, self.columns.required, (*self.columns.fields, *extra)
        )

    @classmethod
    def of(cls, setting: RowSetting, settings: Settings) -> "Shape":
        """Return the shape that the setting of a source says; its own words outrank a preset's."""
        preset = PRESETS[setting.preset] if setting.preset else None
        own = {**(preset.columns if preset else {}), **setting.columns}
        return cls(
            columns=Columns(own),
            attributes=tuple(setting.attributes) or (preset.attributes if preset else ()),
            zone=ZoneInfo(setting.timezone) if setting.timezone else None,
            default_zone=settings.zone,
            time_format=setting.time_format,
            encoding=setting.encoding,
            rows_at=setting.rows or (preset.rows_at if preset else None),
            turns=preset.turns if preset else None,
            limits=Limits.of(settings),
        )


def shape_of(columns: Mapping[str, str] | None) -> Shape:
    """Return the shape of a source that only has columns of other names."""
    return Shape(columns=Columns(dict(columns or {})))
