"""Work that takes a while, done beside the editor's main thread, which gets the outcome."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar, overload

from .errors import ClientError
from .following import Following

T = TypeVar("T")
P = TypeVar("P")


class Runner:
    """Runs blocking calls in threads, and their callbacks in the editor's main thread.

    post: has a callable called in the main thread, from any thread and in the order of the calls: a Qt signal,
    GLib.idle_add. After close() no callback is called any more, also none that was posted before.
    """

    def __init__(self, post: Callable[[Callable[[], None]], object]):
        self._post = post
        self._closed = False
        self._followed: set[Following[Any]] = set()
        self._lock = threading.Lock()

    @overload
    def run(
        self, work: Callable[[], T], done: Callable[[T], object], failed: Callable[[ClientError], object]
    ) -> None: ...

    @overload
    def run(
        self,
        work: Callable[[Callable[[P], None]], T],
        done: Callable[[T], object],
        failed: Callable[[ClientError], object],
        progress: Callable[[P], object],
    ) -> None: ...

    def run(
        self,
        work: Callable[..., Any],
        done: Callable[[Any], object],
        failed: Callable[[ClientError], object],
        progress: Callable[[Any], object] | None = None,
    ) -> None:
        """Call `work` in a thread, then done(what it returned) or failed(why) in the main thread.

        progress: called in the main thread with what `work` tells; then `work` gets a function to tell it with.
        """
        told = [self.posted(progress)] if progress else []

        def body() -> None:
            try:
                outcome = work(*told)
            except Exception as error:
                self.posted(failed)(in_words(error))
            else:
                self.posted(done)(outcome)

        self._start(body)

    def follow(
        self,
        following: Following[T],
        on_change: Callable[[T], object],
        on_end: Callable[[ClientError | None], object],
    ) -> None:
        """Call on_change with all that comes, and on_end when it has ended: with why, if that was not to be.

        following: from Client.follow or follow_all; its close() ends it, as does this runner's.
        """

        def body() -> None:
            why = None
            try:
                for change in following:
                    self.posted(on_change)(change)
            except Exception as error:
                why = in_words(error)
            with self._lock:
                self._followed.discard(following)
            self.posted(on_end)(why)

        with self._lock:
            self._followed.add(following)
        if self._closed:
            following.close()
        self._start(body)

    def posted(self, callback: Callable[[T], object]) -> Callable[[T], None]:
        """The callback, as one that may be called from any thread and runs in the main thread."""

        def call(value: T) -> None:
            if not self._closed:
                self._post(lambda: None if self._closed else _ignored(callback(value)))

        return call

    def close(self) -> None:
        """For the main thread, when what the callbacks need goes away. What runs is left to end by itself."""
        self._closed = True
        with self._lock:
            followed = list(self._followed)
        for following in followed:
            following.close()

    def _start(self, body: Callable[[], None]) -> None:
        threading.Thread(target=body, name="sinddm", daemon=True).start()


def in_words(error: Exception) -> ClientError:
    """An exception as one with a sentence to show."""
    if isinstance(error, ClientError):
        return error
    if isinstance(error, MemoryError):
        told = ClientError("There is not enough memory for this: close other pictures and try again.")
    else:
        what = " ".join(f"{type(error).__name__} {error}".split())[:200].rstrip(" .:")
        told = ClientError(f"Something went wrong in the plugin ({what}): try again, and report it if it stays so.")
    told.__cause__ = error
    return told


def _ignored(_: object) -> None:
    """What a callback returns does not matter."""
