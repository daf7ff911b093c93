"""The fakes of `tests.fakes` cover the ports."""

import inspect
from typing import Any

import pytest

from nlp import ports
from tests.fakes import (
    MemoryDesk,
    MemoryEncoder,
    MemorySource,
    MemoryStore,
    OneDecision,
    OneErasure,
)

_FAKES: dict[str, type[Any]] = {
    "Source": MemorySource,
    "DaySource": MemorySource,
    "Desk": MemoryDesk,
    "Encoder": MemoryEncoder,
    "EncoderStore": MemoryStore,
    "MessageStore": MemoryStore,
    "TopicStore": MemoryStore,
    "WordingStore": MemoryStore,
    "AlertStore": MemoryStore,
    "IntentStore": MemoryStore,
    "RunStore": MemoryStore,
    "WriteBackStore": MemoryStore,
    "Store": MemoryStore,
    "DecisionStore": OneDecision,
    "ErasureStore": OneErasure,
}
_WITHOUT = {"Tracker"}
"""MLflow itself runs in the tests."""
_PORTS = [
    (name, port)
    for name, port in vars(ports).items()
    if inspect.isclass(port) and getattr(port, "_is_protocol", False) and name != "Protocol"
]


def test_every_port_has_a_stand_in() -> None:
    """A port that is added tomorrow is not forgotten."""
    assert {name for name, _ in _PORTS} == _FAKES.keys() | _WITHOUT


@pytest.mark.parametrize(("name", "port"), [p for p in _PORTS if p[0] not in _WITHOUT])
def test_a_stand_in_has_every_method_with_the_ports_parameters(name: str, port: type[Any]) -> None:
    """Names, kinds and defaults are those of the port, so that a call that fits one fits both."""
    methods = [m for base in port.__mro__ for m, f in vars(base).items() if inspect.isfunction(f)]
    methods = [m for m in methods if not m.startswith("_")]
    assert methods
    for method in methods:
        wanted = inspect.signature(getattr(port, method)).parameters
        result = inspect.signature(getattr(_FAKES[name], method)).parameters
        assert [(p.name, p.kind, p.default) for p in result.values()] == [
            (p.name, p.kind, p.default) for p in wanted.values()
        ], method
