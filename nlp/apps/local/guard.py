"""Runs one command and makes sure that nothing of it outlives whoever asked for it.

`python -m nlp.apps.local.guard COMMAND …` starts the command and waits for either end: the command
exits, or standard input closes. The latter happens whenever the parent ends, also by SIGKILL,
because the kernel closes its end of the pipe; unlike PR_SET_PDEATHSIG that holds for the whole
tree below the command and on every Unix. On Linux the guard is also the subreaper of that tree,
so a grandchild that left its process group or lost its own parent is still found.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time

import psutil

_GRACE_SECONDS = 6.0
"""Given to the command to end by itself; a task that is cut off may be repeated."""
_PR_SET_CHILD_SUBREAPER = 36


def main(command: list[str]) -> int:
    """Run `command` under guard; return its exit code, or 0 where it was told to end."""
    _become_subreaper()
    # Ctrl-C is the parent's to decide about; a handler, unlike SIG_IGN, is not inherited.
    signal.signal(signal.SIGINT, lambda *_: None)
    stop, told = os.pipe()
    signal.signal(signal.SIGTERM, lambda *_: os.write(told, b"."))
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603
    try:
        while child.poll() is None:
            if select.select([sys.stdin, stop], [], [], 0.3)[0]:
                return 0
        return child.returncode
    finally:
        _end_all(child)


def _become_subreaper() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _end_all(child: "subprocess.Popen[bytes]") -> None:
    """Ask the command to end, then kill what is left of its tree, until none is left."""
    seen = _descendants()
    if child.poll() is None:
        child.terminate()
    deadline = time.monotonic() + _GRACE_SECONDS
    while _descendants() and time.monotonic() < deadline:
        child.poll()
        time.sleep(0.1)
    while left := {p for p in seen | _descendants() if _alive(p)}:
        for process in left:
            _kill(process)
        psutil.wait_procs(left, timeout=1)


def _descendants() -> set[psutil.Process]:
    return {p for p in psutil.Process().children(recursive=True) if _alive(p)}


def _alive(process: psutil.Process) -> bool:
    try:
        if process.status() != psutil.STATUS_ZOMBIE:
            return bool(process.is_running())
        process.wait(0)  # Adopted and dead: collect it, so that it is gone from the table.
    except (psutil.NoSuchProcess, psutil.TimeoutExpired):
        pass
    return False


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
