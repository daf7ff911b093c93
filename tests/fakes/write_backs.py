"""The outbox of tickets in memory: a test says what is to be written."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from nlp.records import WriteBack
from nlp.states import WriteState

_OPEN = (WriteState.WAITING, WriteState.SENDING)


@dataclass
class MemoryOutbox:
    """`nlp.ports.WriteBackStore`."""

    outbox: dict[str, WriteBack] = field(default_factory=dict)
    """What is to be written, by its key."""
    states: dict[str, WriteState] = field(default_factory=dict)

    def write_back(
        self, day: dt.date, *, source: str, write: Callable[[WriteBack], WriteState]
    ) -> Mapping[WriteState, int]:
        counts: Counter[WriteState] = Counter()
        for key, one in sorted(self.outbox.items()):
            before = self.states.get(key, WriteState.WAITING)
            if before in _OPEN:
                self.states[key] = WriteState.SENDING
                state = write(replace(one, is_unsure=before == WriteState.SENDING))
                self.states[key] = state
                counts[state] += 1
        return counts
