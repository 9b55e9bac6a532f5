"""The steps, run one after another from Krita's own event loop, and what came of them, written to a file.

Steps are generators: a nested event loop would keep Krita's layer docker from following. They yield seconds to wait, or
a condition to wait for, of which they get the value; what they return is kept.
"""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

from __future__ import annotations

import faulthandler
import importlib.util
import inspect
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, NamedTuple

import krita

if getattr(krita, "qt_major_version", lambda: 5)() == 6:
    from PyQt6.QtCore import QTimer
    from PyQt6.QtWidgets import QMdiArea
else:
    from PyQt5.QtCore import QTimer
    from PyQt5.QtWidgets import QMdiArea

POLL = 20  # milliseconds
PATIENCE = 30.0  # seconds for a condition
HANG = 60.0  # seconds without the event loop, after which all stacks are written down


class Until(NamedTuple):
    """Wait for a condition, longer or shorter than usual."""

    holds: Callable[[], Any]
    patience: float = PATIENCE


class Plan(NamedTuple):
    """What the test wants."""

    steps: str
    only: list[str]
    folder: str
    arguments: dict[str, Any]


PLAN = Plan(**json.loads(Path(os.environ["SINDDM_PROBE"]).read_text()))
FOLDER = Path(PLAN.folder)
strays: list[str] = []
"""What was raised where nobody caught it."""


def begin() -> None:
    """Run the steps as soon as there is a window."""
    _catch_strays()
    global _hang_file  # noqa: PLW0603 - it has to stay open
    _hang_file = (FOLDER / "hang.txt").open("w")
    faulthandler.enable(_hang_file)
    notifier = krita.Krita.instance().notifier()
    notifier.setActive(True)
    notifier.windowCreated.connect(_window_created)


_hang_file: Any = None
_runner: Runner | None = None


def _window_created() -> None:
    global _runner  # noqa: PLW0603 - it lives as long as Krita
    if _runner is None:
        _catch_strays()  # Krita sets its own hook meanwhile
        _runner = Runner()


class Runner:
    """Runs the steps."""

    def __init__(self) -> None:
        self._found: dict[str, Any] = {}
        self._waiting: list[tuple[str, Callable[[], Any]]] = []
        self._name, self._generator, self._begun = "", None, 0.0
        self._until: Until | None = None
        self._deadline = 0.0
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._inside = False
        krita.Krita.instance().activeWindow().qwindow().setGeometry(0, 0, 1600, 1000)  # there is no window manager
        try:
            module = _load(Path(PLAN.steps))
            self._waiting = [(name, one) for name, one in _steps(module) if not PLAN.only or name in PLAN.only]
        except BaseException:
            self._found["the steps' file"] = {"error": traceback.format_exc()}
        self._timer.start(POLL)

    def _tick(self) -> None:
        """Go on with what is due. A modal dialog's event loop may call this again while a step is inside."""
        if self._inside:
            return
        faulthandler.dump_traceback_later(HANG, file=_hang_file)
        self._inside = True
        try:
            self._go_on()
        finally:
            self._inside = False

    def _go_on(self) -> None:
        if self._generator is None:
            if not self._waiting:
                self._end()
                return
            self._name, step = self._waiting.pop(0)
            self._begun, self._until = time.monotonic(), None
            self._write(running=self._name)
            self._generator = step()
            self._step(None)
            return
        if strays:
            self._close("".join(strays))
        elif self._until is None:
            if time.monotonic() >= self._deadline:
                self._step(None)
        else:
            self._check(self._until)

    def _check(self, until: Until) -> None:
        """Go on if what is waited for has happened."""
        try:
            found = until.holds()
        except BaseException:
            self._close(traceback.format_exc())
            return
        if found:
            self._step(found)
        elif time.monotonic() >= self._deadline:
            assert self._generator is not None
            try:
                self._generator.throw(TimeoutError(f"it did not happen within {until.patience:.0f} seconds"))
            except BaseException:
                self._close(traceback.format_exc())

    def _step(self, value: Any) -> None:
        """Let the step go on until it waits again."""
        assert self._generator is not None
        try:
            wait = self._generator.send(value)
        except StopIteration as end:
            self._close("".join(strays) or None, end.value)
            return
        except BaseException:
            self._close(traceback.format_exc())
            return
        if isinstance(wait, (int, float)):
            self._until, self._deadline = None, time.monotonic() + wait
        else:
            self._until = wait if isinstance(wait, Until) else Until(wait)
            self._deadline = time.monotonic() + self._until.patience

    def _close(self, error: str | None, value: Any = None) -> None:
        """Note what came of a step."""
        self._generator.close()
        self._generator = None
        took = round(time.monotonic() - self._begun, 2)
        self._found[self._name] = {"error": error, "value": value, "seconds": took}
        strays.clear()
        self._write()
        try:
            close_documents()
        except Exception:
            strays.append(traceback.format_exc())

    def _end(self) -> None:
        """Write down all, and close Krita as the artist would."""
        self._timer.stop()
        self._write(finished=True)
        close_documents()
        krita.Krita.instance().action("file_quit").trigger()

    def _write(self, **more: Any) -> None:
        text = json.dumps({"steps": self._found, **more})
        (FOLDER / "found.part").write_text(text)
        (FOLDER / "found.part").replace(FOLDER / "found.json")


def close_documents() -> None:
    """Close every document, unsaved or not, by its windows as the artist does: Krita 5.3 may crash where close() of a
    document that is looked at takes it away before they are gone. They are when the event loop has had its turn."""
    app = krita.Krita.instance()
    for document in app.documents():
        document.setModified(False)
    for window in app.windows():
        for area in window.qwindow().findChildren(QMdiArea):
            area.closeAllSubWindows()


def _load(path: Path) -> ModuleType:
    """The test's file of steps."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _steps(module: ModuleType) -> list[tuple[str, Callable[[], Generator[Any, Any, Any]]]]:
    """Its public generators without arguments, in their order."""
    return [
        (name, one)
        for name, one in vars(module).items()
        if inspect.isgeneratorfunction(one) and one.__module__ == module.__name__ and not name.startswith("_")
    ]


def _catch_strays() -> None:
    """Have exceptions in slots and threads fail the step; Krita would show a dialog and stand still."""

    def hook(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        strays.append("".join(traceback.format_exception(kind, error, where)))

    sys.excepthook = hook
    threading.excepthook = lambda args: hook(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)
