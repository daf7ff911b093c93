"""Streams of support mail with planted events, replayed with the command that users run.

`--seeds` (default 3) is the number of seeds of each stream; the table gives medians, with minimum
and maximum in brackets. `--phrases FILE` replaces the phrases of `bench/mail_phrases.json`.
`bench/mail_scores.py` explains each column.
"""

import tempfile
from pathlib import Path

from bench.data import read
from bench.mail_files import write_messages
from bench.mail_phrases import OWN_PHRASES, Phrases, load_phrases, phrase_file
from bench.mail_scores import MailScores, score
from bench.mail_streams import MailStream, build_mail
from bench.replays import replay
from bench.tables import print_table

SETS = {
    "Banking77 as mail": ("Banking77 train", "HWU64 all"),
    "HWU64 as mail": ("HWU64 all", "Banking77 train"),
}
"""The set of each stream, and the set that its noise comes from."""


def main(data: Path) -> None:
    """Print a row per stream."""
    phrases = load_phrases(phrase_file())

    def scored(kind: str, seed: int) -> MailScores:
        stream = stream_of(data, kind, seed=seed, phrases=phrases)
        with tempfile.TemporaryDirectory(prefix="triage-bench-") as name:
            messages = Path(name, "messages.csv")
            write_messages(stream, messages)
            return score(stream, replay(messages, Path(name)), phrases=phrases)

    print("## Topics, as mail comes\n")
    whose = "the bench's own" if phrase_file() == OWN_PHRASES else "those of another file"
    print(f"Phrases: {whose}.\n")
    print_table(list(SETS), scored, of=MailScores, default_seeds=3)


def stream_of(data: Path, kind: str, *, seed: int, phrases: Phrases) -> MailStream:
    """Build the stream of a kind, such as `HWU64 as mail`, from the public sets."""
    own, other = SETS[kind]
    texts, intents = read(data, own)
    return build_mail(texts, intents, phrases=phrases, seed=seed, noise=read(data, other)[0])
