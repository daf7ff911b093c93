"""Where the sentences of a text begin and end."""

import re

Span = tuple[int, int]
"""Offsets of the first character and after the last."""

_END = re.compile(
    "(?<=[.?!\u2026])[\"'\u201d\u2019)\\]]*\\s+"
    "|(?<=[\u3002\uff01\uff1f\u061f\u0964])"  # no blank follows in Chinese or Japanese
    "|\n"
)
_MOST = 40
"""Sentences of a message, at most: of a longer one, neighbours are taken together."""


def sentences(text: str) -> list[Span]:
    """Return the spans of the sentences of a text, in order; a line break ends a sentence.

    No span begins or ends with a blank; none is empty. What has neither letter nor digit, as an
    emoji after the last stop, is left out where there is more. A text without a sentence has none.
    That some are cut too short, as after `No. 5`, does no harm: what is about one subject is put
    together again.
    """
    spans: list[Span] = []
    at = 0
    for end in [*_END.finditer(text), None]:
        stop = len(text) if end is None else end.end()
        piece = text[at:stop]
        start = at + len(piece) - len(piece.lstrip())
        if piece.strip():
            spans.append((start, start + len(piece.strip())))
        at = stop
    worded = [(a, b) for a, b in spans if any(map(str.isalnum, text[a:b]))]
    return _at_most(worded or spans, _MOST)


def _at_most(spans: list[Span], most: int) -> list[Span]:
    size = -(-len(spans) // most) or 1
    groups = [spans[n : n + size] for n in range(0, len(spans), size)]
    return [(group[0][0], group[-1][1]) for group in groups]
