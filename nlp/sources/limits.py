"""How much of a file is read before it is refused: no file may take the machine's memory."""

from dataclasses import dataclass

from nlp.settings import Settings


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one file, in bytes where nothing else is said; each is a setting."""

    file: int = 2 << 30
    """The file after decompression."""
    inflation: int = 200
    """How many times its size a compressed file may become, once it is over `FREE`."""
    row: int = 16 << 20
    """One row: a line of JSON, or a record of CSV with the line breaks in it."""
    field: int = 4 << 20
    """One value of a row, in characters; a longer one costs its row."""
    nesting: int = 100
    """How many levels of objects and lists a JSON value has."""
    row_group: int = 128 << 20
    """A row group of Parquet, after decompression, in the columns that are read."""

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Return the limits of the settings."""
        return cls(
            file=settings.max_file_bytes,
            inflation=settings.max_inflation,
            row=settings.max_row_bytes,
            field=settings.max_field_chars,
            nesting=settings.max_nesting,
            row_group=settings.max_row_group_bytes,
        )


DEFAULT = Limits()
FREE = 64 << 20
"""What a compressed file may become whatever its size: a short file of equal rows is no attack."""
