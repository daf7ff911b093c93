"""What the commands that read a file have in common: their options, and the counts at their end."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from nlp.errors import SettingError
from nlp.settings import RowSetting

if TYPE_CHECKING:
    from sql.queries.tally import Tally

IdColumn = Annotated[
    str | None,
    typer.Option(help="Column of the message's id; `a+b` forms one of two, `a.b` is a path."),
]
TimeColumn = Annotated[str | None, typer.Option(help="Column of its time.")]
TextColumn = Annotated[str | None, typer.Option(help="Column of its text.")]
PresetOption = Annotated[
    str | None,
    typer.Option("--preset", help="The desk it is from: zendesk, intercom, freshdesk, helpscout."),
]
TimezoneOption = Annotated[
    str | None,
    typer.Option("--timezone", help="Zone of times without an offset; else TRIAGE_TIMEZONE."),
]
TimeFormatOption = Annotated[
    str | None,
    typer.Option(help="Form of the time where it is not certain: dmy, mdy, epoch_s, excel, %Y…"),
]
EncodingOption = Annotated[
    str | None, typer.Option(help="Encoding of the file where it is guessed wrongly.")
]
RowsOption = Annotated[str | None, typer.Option(help="Path of the list of rows in a JSON file.")]


def row_setting(columns: Mapping[str, str | None], **given: str | None) -> RowSetting:
    """Return what the options of a command say of the rows. Raises SettingError."""
    from pydantic import ValidationError

    own = {field: name for field, name in columns.items() if name is not None}
    try:
        return RowSetting(columns=own, **given)
    except ValidationError as error:
        first = error.errors()[0]
        option = "--" + str(first["loc"][0]).replace("_", "-")
        reason = re.sub("^Value error, ", "", first["msg"])
        raise SettingError(f"{option}: {reason}. Was: {first['input']!r}") from error


def end_with(tally: "Tally") -> None:
    """Print what became of the rows; exit with 1 where less than half of them are messages."""
    print(tally.sentence())  # noqa: T201
    if not tally.is_good:
        raise typer.Exit(1)
