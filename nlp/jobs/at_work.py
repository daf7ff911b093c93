"""A job is at work from what it reads to what it writes: nothing is erased in between."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from nlp.ports import RunStore

_S = TypeVar("_S", bound=RunStore)
_P = ParamSpec("_P")
_R = TypeVar("_R")


def at_work(job: Callable[Concatenate[_S, _P], _R]) -> Callable[Concatenate[_S, _P], _R]:
    """Let a job, whose first argument is its store, keep erasures away while it runs.

    Otherwise it could write back what was erased after it had read it.
    """

    @wraps(job)
    def run(store: _S, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        with store.at_work():
            return job(store, *args, **kwargs)

    return run
