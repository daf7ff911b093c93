"""Labels as people write them: spellings that differ in case, blanks and marks are one intent."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nlp.records import LabelledExample


@dataclass(frozen=True, slots=True)
class Joined:
    """Labelled examples with one spelling of each intent."""

    examples: list[LabelledExample]
    spellings: dict[str, list[str]]
    """Each intent that was written in several ways, and the other ways."""

    def lines(self) -> list[str]:
        """One sentence for each intent that was written in several ways."""
        return [
            f"Joined as {name!r}: {', '.join(map(repr, others))}"
            for name, others in sorted(self.spellings.items())
        ]


def key_of(name: str) -> str:
    """Return what is equal for spellings of one intent: `Login problem` and `login-problem`."""
    return re.sub(r"[\W_]+", "", name.casefold()) or name.strip()


def join(examples: Sequence[LabelledExample], known: Iterable[str]) -> Joined:
    """Give each intent one spelling: that of `known`, else the most frequent, else the first."""
    counts: dict[str, Counter[str]] = {}
    for one in examples:
        counts.setdefault(key_of(one.intent), Counter())[one.intent] += 1
    names = {key: n_of.most_common(1)[0][0] for key, n_of in counts.items()}
    names |= {key_of(name): name for name in known if key_of(name) in names}
    spellings = {}
    for key, n_of in counts.items():
        if others := [name for name in n_of if name != names[key]]:
            spellings[names[key]] = others
    joined = [replace(one, intent=names[key_of(one.intent)]) for one in examples]
    return Joined(joined, spellings)
