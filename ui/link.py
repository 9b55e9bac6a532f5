"""The line to the backend: it is started when it is needed, and followed while there is something to hear."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from sinddm_plugin.client import Changes, Client, ClientError, Following, Health, Runner, Unreachable
from sinddm_ui.qt import QObject, Qt, Signal

T = TypeVar("T")


class Link(QObject):
    """Calls to the backend, in threads; their callbacks come in the main thread.

    state: "off" (not started, or gone because nobody needed it), "starting", "ready", or "lost" (it ended while there
    was something to do; it is started again).
    """

    changed = Signal()
    """Of state, waited or health."""
    told = Signal(object)
    """Changes of jobs."""
    lost = Signal()
    """The backend went away while it was followed."""
    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._posted.connect(_call, Qt.ConnectionType.QueuedConnection)  # pyright: ignore[reportCallIssue]
        self._runner = Runner(self._posted.emit)
        self._client: Client | None = None
        self._connecting = threading.Lock()
        self._closed = threading.Event()
        self._following: Following[Changes] | None = None
        self.state, self.waited = "off", 0.0
        self.health: Health | None = None

    def call(
        self,
        work: Callable[[Client], T],
        done: Callable[[T], object],
        failed: Callable[[ClientError], object],
    ) -> None:
        """Call the backend, which is started if need be."""

        def body(waits: Callable[[float], None]) -> T:
            client = self._connect(waits)
            try:
                return work(client)
            except Unreachable:
                self._client = None  # the next call looks for it anew
                raise

        self._runner.run(body, done, failed, self._waits)

    def look(self, found: Callable[[], object]) -> None:
        """Call back if a backend runs already; start none."""
        self._runner.run(lambda: Client.connect(start=False), lambda _: found(), lambda _: None)

    def follow(self) -> None:
        """Hear of all jobs from now on, until unfollow()."""
        if self._following is None and self._client is not None:
            following = self._following = self._client.follow_all(reconnect=False)
            self._runner.follow(following, self.told.emit, lambda why: self._ended(following, why))

    def unfollow(self) -> None:
        """Hear no more: a backend that nobody follows ends after a while."""
        following, self._following = self._following, None
        if following:
            following.close()

    def hold(self, job: str) -> None:
        """Follow one job for as long as this program lives, so that the backend cancels it when it does not."""
        if self._client is not None:
            self._runner.follow(self._client.follow(job, reconnect=False), lambda _: None, lambda _: None)

    def renew(self) -> None:
        """The backend was installed anew: the next call looks for it."""
        self.unfollow()
        self._client = None
        self.rest()

    def close(self) -> None:
        """The program ends: no callback comes any more, and nothing is waited for."""
        self._closed.set()
        self._runner.close()

    def _connect(self, waits: Callable[[float], None]) -> Client:
        """The backend; threads come here together, and one of them starts it."""
        with self._connecting:
            if self._client is not None:
                return self._client
            try:
                client = Client.connect(True, waits, self._closed.is_set)
                health = client.health()
            except ClientError:
                self._runner.posted(self._became)(None)
                raise
            self._client = client
            self._runner.posted(self._became)(health)
            return client

    def _waits(self, seconds: float) -> None:
        self.state, self.waited = "starting", seconds
        self.changed.emit()

    def _became(self, health: Health | None) -> None:
        self.health = health or self.health
        self.state, self.waited = "ready" if health else "off", 0.0
        self.changed.emit()

    def rest(self) -> None:
        """It is not needed any more that the backend has ended."""
        self.state = "off"
        self.changed.emit()

    def learn_health(self) -> None:
        """Ask again what the backend says of itself; health then says it."""
        self.call(lambda client: client.health(), self._became, lambda _: None)

    def _ended(self, following: Following[Changes], why: ClientError | None) -> None:
        """The stream has ended: because nobody wanted it any more, or the backend did."""
        if self._following is not following:
            return
        self._following, self._client = None, None
        self.state = "lost"
        self.changed.emit()
        self.lost.emit()


def _call(posted: Callable[[], None]) -> None:
    posted()
