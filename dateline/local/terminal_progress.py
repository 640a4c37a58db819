"""Show a start's progress: bars on a terminal, plain lines everywhere else."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Literal, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

# A log file gets a line when a task starts, at every quarter of a download, and when it ends.
PLAIN_STEP = 0.25


class TerminalProgress:
    """A ``dateline.local.Progress`` that writes to a console; use it in a ``with`` statement."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[detail]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._shown: dict[str, float] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Begin to show."""
        self._bars.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the bars away; the lines stay."""
        self._bars.stop()

    def update(
        self, task: str, *, done: float, total: float | None, unit: Literal["bytes", "seconds"]
    ) -> None:
        """Move the task's bar, or print a line at every quarter."""
        detail = progress_text(done, total, unit)
        with self._lock:
            if self._console.is_terminal:
                self._update_bar(task, done, total, detail)
            elif self._is_worth_a_line(task, done, total):
                self._console.print(f"{task}: {detail}", markup=False)

    def finish(self, task: str, *, outcome: str) -> None:
        """Replace the bar by a line."""
        with self._lock:
            if task in self._tasks:
                self._bars.remove_task(self._tasks.pop(task))
            self._shown.pop(task, None)
            self._console.print(f"{task}: {outcome}", markup=False)

    def note(self, message: str) -> None:
        """Print a line, above the bars if there are any."""
        self._console.print(message, markup=False)

    def _update_bar(self, task: str, done: float, total: float | None, detail: str) -> None:
        if task not in self._tasks:
            self._tasks[task] = self._bars.add_task(task, total=total, detail=detail)
        self._bars.update(self._tasks[task], completed=done, total=total, detail=detail)

    def _is_worth_a_line(self, task: str, done: float, total: float | None) -> bool:
        share = done / total if total else 0.0
        last = self._shown.get(task)
        if last is not None and (share < last + PLAIN_STEP or share >= 1):
            return False
        self._shown[task] = share
        return True


def progress_text(done: float, total: float | None, unit: Literal["bytes", "seconds"]) -> str:
    """Return how far a task is, as a person would say it: ``88 of 177 MB``, ``4 s``."""
    if unit == "seconds":
        return f"{done:.0f} s"
    if total is None:
        return f"{done / 1e6:.0f} MB"
    return f"{done / 1e6:.0f} of {total / 1e6:.0f} MB"
