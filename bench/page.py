"""Measure how fast the review page is in a real Airflow, with a million messages of one year.

    python -m bench.page [--messages 1000000]

A client on the same machine measures the times, so they include slightly more than the server's
time. Results are written to bench/RESULTS-page.md.
"""

import argparse
import datetime as dt
import os
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
from sqlalchemy import Engine, text

from bench.page_data import LAST, Size, fill
from nlp.apps.local import service, stack
from nlp.settings import load
from sql import embedded
from sql.connect import connect, migrate

_RESULTS = Path(__file__).with_name("RESULTS-page.md")
_REPEATS, _READERS, _SECONDS = 30, 50, 60
_AGO = LAST - dt.timedelta(182)


def main() -> None:
    """Fill the database if it is empty, measure, and write the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--local-dir", type=Path, default=Path(".local/bench-page"))
    requested = parser.parse_args()
    embedded.start(requested.local_dir)
    url = embedded.database_url(requested.local_dir, "page")
    settings = load(database_url=url, local_dir=requested.local_dir)
    migrate(settings)
    n, theme, message = _filled(connect(settings), n_messages=requested.messages)
    serve = f"http://127.0.0.1:{service.PORT}"
    with (
        stack.running(
            load(local_dir=requested.local_dir, serve_url=serve),
            triage_url=url,
            airflow_url=embedded.database_url(requested.local_dir, "airflow"),
            components=("api-server", "dag-processor"),
            port=0,
        ) as airflow,
        service.serving(airflow.home, url=serve),
    ):
        lines = _measure(airflow, theme=theme, message=message)
    load_average = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    head = [
        "# The review page under load",
        "",
        (
            f"{n:,} messages, 400 topics, 365 days; one api-server of Airflow with one worker, the "
            f"embedded PostgreSQL, `triage serve` for meaning, {os.cpu_count()} cores. "
            f"Load average: {load_average}, "
            "other work on the machine included. `python -m bench.page` repeats it."
        ),
        "",
    ]
    _RESULTS.write_text("\n".join(head + lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def _filled(engine: Engine, *, n_messages: int) -> tuple[int, int, str]:
    """Fill an empty database; return its number of messages, its largest theme and one message."""
    count = text("SELECT count(*) FROM triage.messages")
    with engine.connect() as connection:
        n = connection.scalar(count)
    if not n:
        started = time.monotonic()
        fill(engine, Size(n_messages=n_messages))
        print(f"filled in {time.monotonic() - started:.0f} s")
    with engine.connect() as connection:
        theme = connection.scalar(
            text("SELECT topic_id FROM triage.topic_days GROUP BY 1 ORDER BY sum(n_messages) DESC")
        )
        message = connection.scalar(text("SELECT message_id::text FROM triage.messages LIMIT 1"))
        return connection.scalar(count), theme, message


def _measure(airflow: stack.Airflow, *, theme: int, message: str) -> list[str]:
    base = f"{airflow.url}/triage"
    answer = httpx.post(
        f"{airflow.url}/auth/token",
        json={"username": "viewer", "password": airflow.home.passwords["viewer"]},
        trust_env=False,
    )
    cookies = {"_token": answer.json()["access_token"]}
    pages = {
        "Today": "/", "Themes": "/themes", "Themes, by channel": "/themes?channel=chat",
        "Themes, by area": "/themes?group=area",
        "Word search": "/themes?q=word17+word42&by=words", "Meaning search": "/themes?q=lost+card",
        "A theme": f"/themes/{theme}", "A theme, 365 days": f"/themes/{theme}?days=365",
        "A message": f"/messages/{message}", "Queue": "/queue",
        "Queue by theme": "/queue/themes", "Queue by guess": "/queue/guesses",
        "A theme's queue": f"/queue/themes?theme={theme}", "Messages": "/messages",
        "Messages by words": "/messages?q=word17+word42", "Intents": "/intents",
        "An intent": "/intents/intent_7", "Runs": "/runs", "Map": "/map",
        "Digest": "/digest", "JSON API, themes": "/api/themes", "Style sheet": "/static/page.css",
        **{
            f"{name}, half a year ago": f"/on/{_AGO}{path}"
            for name, path in (
                ("Today", "/"), ("Themes", "/themes"), ("A theme", f"/themes/{theme}"),
                ("Digest", "/digest"),
            )
        },
    }  # fmt: skip
    lines = [
        "The target is a median of 150 ms and a 95th percentile of 400 ms for every page.",
        "",
        "| page | median ms | 95th percentile ms | least ms | median against the style sheet's |",
        "|---|---|---|---|---|",
    ]
    with httpx.Client(cookies=cookies, trust_env=False, timeout=60) as client:
        times_of = {}
        for name, path in pages.items():
            client.get(base + path).raise_for_status()
            times_of[name] = sorted(
                _timed(lambda p=path: client.get(base + p)) for _ in range(_REPEATS)
            )
        trivial = statistics.median(times_of["Style sheet"])
        for name, times in times_of.items():
            median = statistics.median(times)
            lines.append(
                f"| {name} | {median:.0f} | {times[int(0.95 * len(times))]:.0f} "
                f"| {times[0]:.0f} | {median / trivial:.1f} |"
            )
        lines += ["", _export(client, base, airflow)]
    return [*lines, "", _readers(base, cookies, theme=theme)]


def _timed(call: Callable[[], httpx.Response]) -> float:
    started = time.perf_counter()
    call().raise_for_status()
    return 1_000 * (time.perf_counter() - started)


def _export(client: httpx.Client, base: str, airflow: stack.Airflow) -> str:
    """Stream 100,000 messages and watch the server's memory."""
    server = psutil.Process(airflow.pids["api-server"])
    watched = {"peak": 0, "on": True}
    before = _memory(server)

    def watch() -> None:
        while watched["on"]:
            watched["peak"] = max(watched["peak"], _memory(server))
            time.sleep(0.1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    started, n_rows, first = time.perf_counter(), -1, 0.0
    since = LAST.replace(day=1, month=LAST.month - 1)
    with client.stream("GET", f"{base}/export/messages.csv?since={since}") as answer:
        for line in answer.iter_lines():
            first = first or time.perf_counter() - started
            n_rows += bool(line)
            if n_rows >= 100_000:
                break
    seconds = time.perf_counter() - started
    watched["on"] = False
    watcher.join()
    return (
        f"Export of {n_rows:,} messages as CSV: {seconds:.1f} s, the first byte after "
        f"{1_000 * first:.0f} ms; the server's memory rose from {before / 2**20:.0f} to at most "
        f"{watched['peak'] / 2**20:.0f} MiB."
    )


def _memory(process: psutil.Process) -> int:
    total = 0
    for p in [process, *process.children(recursive=True)]:
        try:
            total += p.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def _readers(base: str, cookies: dict[str, str], *, theme: int) -> str:
    """Measure fifty readers for a minute; each waits a second between pages, as a person does."""
    paths = ("/", "/themes", f"/themes/{theme}", "/queue", "/themes?state=growing")
    times: list[float] = []
    errors: list[str] = []
    end = time.monotonic() + _SECONDS

    def read(start: int) -> None:
        with httpx.Client(cookies=cookies, trust_env=False, timeout=60) as client:
            n = start
            while time.monotonic() < end:
                try:
                    times.append(_timed(lambda n=n: client.get(base + paths[n % len(paths)])))
                except httpx.HTTPError as error:
                    errors.append(type(error).__name__)
                n += 1
                time.sleep(1)

    threads = [threading.Thread(target=read, args=(n,)) for n in range(_READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.sort()
    return (
        f"{_READERS} readers at once for {_SECONDS} s: {len(times)} pages, {len(errors)} errors, "
        f"median {statistics.median(times):.0f} ms, 95th percentile "
        f"{times[int(0.95 * len(times))]:.0f} ms."
    )


if __name__ == "__main__":
    main()
