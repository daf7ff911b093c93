"""Run one command and make sure that none of its processes outlives the caller.

`python -m nlp.apps.local.guard COMMAND …` starts the command and waits until it exits or standard
input closes. Standard input closes whenever the parent ends, also by SIGKILL, because the kernel
closes its end of the pipe. Unlike PR_SET_PDEATHSIG, this covers the whole tree below the command
and works on every Unix. On Linux the guard is also the subreaper of that tree, so it still finds a
grandchild that left its process group or lost its own parent.
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
"""How long the command has to end by itself; a task that is killed can be repeated."""
_PR_SET_CHILD_SUBREAPER = 36


def main(command: list[str]) -> int:
    """Run `command` under guard; return its exit code, or 0 where the guard ended it."""
    _become_subreaper()
    # The parent handles Ctrl-C. A handler, unlike SIG_IGN, is not inherited by the command.
    signal.signal(signal.SIGINT, lambda *_: None)
    stop, wake = os.pipe()
    signal.signal(signal.SIGTERM, lambda *_: os.write(wake, b"."))
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
    """Terminate the command, then kill the rest of its tree until no process is left."""
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
        process.wait(0)  # Adopted and dead: reap it, so that it leaves the process table.
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
