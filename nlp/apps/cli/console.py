"""The output of the command line: a progress bar, the board, an error."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from sqlalchemy import Engine

from nlp.records import Segment

_COLUMNS = (
    "theme", "state", "today", "customers", "expected", "7 days", "before", "share", "born",
)  # fmt: skip
_FULL_WIDTH = 110
"""Width in characters from which every column is shown; also the width without a terminal."""
_STATE_STYLE = {"new": "bold green", "surging": "bold red", "growing": "yellow", "fading": "dim"}


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[str], None]]:
    """Show a progress bar, on a terminal only. Call the yielded function after each step."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=total)

        def step(name: str) -> None:
            bar.update(task, advance=1, description=f"{title} {name}")

        yield step


def show_board(engine: Engine, *, most: int) -> None:
    """Print the themes of the last day, the open alerts and the coverage."""
    from sql.queries import console as board

    console = Console()
    if not console.is_terminal:
        console = Console(width=_FULL_WIDTH)
    health = board.last_day(engine)
    if health is None:
        console.print("No day was discovered yet. Run `triage run-day DAY` or `triage demo`.")
        return
    names = [n for n in _COLUMNS if console.width >= _FULL_WIDTH or n not in ("before", "born")]
    table = Table(title=f"Themes of {health['day']}", title_justify="left")
    for name in names:
        is_number = name not in ("theme", "state", "born")
        table.add_column(name, justify="right" if is_number else "left", no_wrap=name != "theme")
    for row in board.themes(engine, most=most):
        cells = _cells(row)
        table.add_row(*(cells[n] for n in names), style=_STATE_STYLE.get(row["state"], ""))
    console.print(table)
    for alert in board.alerts(engine, most=10):
        kind = alert.kind.replace("_", " ")
        console.print(
            f"[bold]{kind}[/bold] {alert.day} {escape(alert.label)}: {escape(_counted(alert))} "
            f"({alert.severity})"
        )
    console.print(
        f"Coverage {health['coverage']:.0%}: {health['n_unclustered']} of {health['n_messages']} "
        f"messages fit no theme; {health['n_unsupported'] or 0} in other languages; "
        f"{health['n_quarantined'] or 0} rows in quarantine; {health['seconds']:.0f} s"
    )


def _counted(alert: Any) -> str:
    """What was observed, by whom, what was expected, and the segment that rises."""
    n, segment = alert.n_customers, Segment.of_alert(alert)
    wrote = "" if n is None else f" from {n} customer{'s' * (n > 1)}"
    expected = "" if alert.expected is None else f", {alert.expected:.0f} expected"
    among = "" if segment is None else f"; {segment.sentence}"
    return f"{alert.observed} messages{wrote}{expected}{among}"


def _cells(row: Any) -> dict[str, str]:
    """The cells of a theme, by column."""
    expected = "" if row["expected"] is None else f"{row['expected']:.0f}"
    today = (row["n_today"], row["n_customers_today"])
    numbers = (*today, expected, row["n_week"], row["n_week_before"])
    share = f"{row['share_today'] or 0:.0%}"
    shown = (escape(row["label"]), row["state"], *map(str, numbers), share, str(row["born_on"]))
    return dict(zip(_COLUMNS, shown, strict=True))


def fail(message: str) -> NoReturn:
    """Print one line to stderr and exit with code 1."""
    Console(stderr=True).print(f"[red]{escape(message)}[/red]", soft_wrap=True)
    sys.exit(1)
