"""Undo and redo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

BUDGET = 768 << 20  # bytes of pixels that are kept for undoing
MOST = 200  # steps


@dataclass(frozen=True, eq=False)
class Change:
    """A step. `redo` does it, also the first time."""

    name: str
    """What the artist did, for the menu: paint."""
    redo: Callable[[], object]
    undo: Callable[[], object]
    size: int = 0
    """Bytes of the pixels that it keeps."""


class History:
    """The steps of a document, and which of them are undone."""

    def __init__(self) -> None:
        self._steps: list[Change] = []
        self._done = 0
        self._saved: int | None = 0

    def do(self, change: Change) -> None:
        """Do a step; what was undone cannot be redone any more."""
        change.redo()
        if self._saved is not None and self._saved > self._done:
            self._saved = None
        self._steps[self._done :] = [change]
        self._done += 1
        while len(self._steps) > 1 and (len(self._steps) > MOST or sum(one.size for one in self._steps) > BUDGET):
            self._forget()

    def undo(self) -> None:
        """Undo the last step, if there is one."""
        if self._done:
            self._steps[self._done - 1].undo()  # should it fail, it still counts as done
            self._done -= 1

    def redo(self) -> None:
        """Do again what was undone last, if anything was."""
        if self._done < len(self._steps):
            self._steps[self._done].redo()
            self._done += 1

    @property
    def undoes(self) -> str | None:
        """What undo would undo."""
        return self._steps[self._done - 1].name if self._done else None

    @property
    def redoes(self) -> str | None:
        """What redo would do."""
        return self._steps[self._done].name if self._done < len(self._steps) else None

    @property
    def changed(self) -> bool:
        """Whether anything has changed since it was saved."""
        return self._saved != self._done

    def saved(self) -> None:
        """All that is done is saved."""
        self._saved = self._done

    def unsaved(self) -> None:
        """What is done cannot be what is saved."""
        self._saved = None

    def _forget(self) -> None:
        """Let go of the oldest step."""
        del self._steps[0]
        self._done -= 1
        if self._saved is not None:
            self._saved = self._saved - 1 if self._saved else None
