"""Answer questions that arrive at the same time in one batch."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

A = TypeVar("A")
B = TypeVar("B")
_MOST = 64
"""Texts per batch: as many as the encoder takes at once."""


class Batcher(Generic[A, B]):
    """Collects questions while a batch is computed and answers them together in the next one.

    Nothing waits for a batch to fill: a question that arrives while none is computed is answered
    at once.
    """

    def __init__(self, answer: Callable[[list[A]], Sequence[B]]) -> None:
        self._answer = answer
        self._queue: asyncio.Queue[tuple[list[A], asyncio.Future[list[B]]]] = asyncio.Queue()

    async def ask(self, questions: list[A]) -> list[B]:
        """Return the answers in order; raises any error of the computation."""
        future: asyncio.Future[list[B]] = asyncio.get_running_loop().create_future()
        await self._queue.put((questions, future))
        return await future

    async def run(self) -> None:
        """Answer questions from the queue until cancelled."""
        while True:
            waiting = [await self._queue.get()]
            while not self._queue.empty() and sum(len(q) for q, _ in waiting) < _MOST:
                waiting.append(self._queue.get_nowait())
            await self._serve(waiting)

    async def _serve(self, waiting: list[tuple[list[A], asyncio.Future[list[B]]]]) -> None:
        together = [one for questions, _ in waiting for one in questions]
        try:
            answers = list(await asyncio.to_thread(self._answer, together))
        except Exception as error:
            for _, future in waiting:
                if not future.done():
                    future.set_exception(error)
            return
        start = 0
        for questions, future in waiting:
            if not future.done():  # a caller that disconnected has cancelled it
                future.set_result(answers[start : start + len(questions)])
            start += len(questions)
