"""A progress bar on stderr, and work that Ctrl-C ends at once."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sinddm.errors import Cancelled, InputError

T = TypeVar("T")
Report = Callable[[float, str], None]  # the share of the work that is done, 0 to 1, and what comes next, in words
GRACE = 0.4  # seconds after Ctrl-C for the work to stop by itself


@contextmanager
def bar(quiet: bool) -> Iterator[Report]:
    """A bar with the step, the share done and the time left; none if quiet or stderr is not a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda fraction, words: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Getting ready", total=1.0)
        yield lambda fraction, words: progress.update(task, completed=fraction, description=words)


def interruptible(work: Callable[[Callable[[], None]], T], grace: float = GRACE) -> T:
    """Do the work in a thread, so that Ctrl-C is heard also while native code runs; return what it returns.

    work gets a function to call often: it raises Cancelled after Ctrl-C. Work that has not ended `grace` seconds
    later is abandoned with the whole process (exit code 130), so it must not leave anything half-written.
    """
    stop, ended = threading.Event(), threading.Event()
    outcome: list[T] = []
    failure: list[BaseException] = []

    def check() -> None:
        if stop.is_set():
            raise Cancelled

    def run() -> None:
        try:
            outcome.append(work(check))
        except BaseException as error:
            failure.append(error)
        finally:
            ended.set()

    # an event, not Thread.join, which takes the thread for dead once Ctrl-C has interrupted it (Python 3.11)
    try:
        threading.Thread(target=run, name="engine", daemon=True).start()
        while not ended.wait(0.05):
            pass
    except KeyboardInterrupt:
        stop.set()
        if not ended.wait(grace):
            _leave()
        if not outcome and not (failure and isinstance(failure[0], InputError)):
            raise Cancelled from None
    if failure:
        raise failure[0]
    return outcome[0]


def _leave() -> None:
    """End the process although a thread is still in native code: show the cursor again, say so, exit."""
    stderr = sys.__stderr__  # the bar has put itself in the place of sys.stderr
    if stderr is not None:
        show_cursor = "\r\x1b[2K\x1b[?25h" if stderr.isatty() else ""
        stderr.write(f"{show_cursor}Stopped.\n")
        stderr.flush()
    os._exit(130)
