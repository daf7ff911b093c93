"""Which colons of an SQL query begin a parameter: those in texts, names and comments do not."""

import re

_QUOTED = re.compile(
    r"'(?:[^']|'')*'"  # a text
    r'|"(?:[^"]|"")*"'  # a name
    r"|`[^`]*`"
    r"|--[^\r\n]*"
    r"|/\*.*?\*/"
    r"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$",
    re.DOTALL,
)
_COLON = re.compile(r"(?<!\\):(?=\w)")


def with_literal_colons(query: str) -> str:
    r"""Return a query in which colons that begin no parameter are escaped, as `\:`."""
    return _QUOTED.sub(lambda match: _COLON.sub(r"\\:", match[0]), query)
