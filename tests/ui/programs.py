"""A program without Qt that has a panel in a process of its own: its layers are arrays, its end of the line is the one
that GIMP's plug-in has."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hosts import HEIGHT, WIDTH, Arrays
from sinddm_plugin.client import Picture
from sinddm_plugin.gimp.serving import Server
from sinddm_ui.distant import wire
from sinddm_ui.host import Box

SOON = 0.02  # seconds between two looks at what has changed


@dataclass
class Paintings(Arrays):
    """Arrays of which the whole can be looked at."""

    name: str = "GIMP"
    calls: list[str] = field(default_factory=list)

    def look(self, document: str, side: int) -> Picture:
        self.calls.append("look")
        found = self.read(document, list(self.layers)[-1], Box(0, 0, WIDTH, HEIGHT))
        pixels = np.frombuffer(bytes(found.data), np.uint8).reshape(HEIGHT, WIDTH, 4)[..., [2, 1, 0, 3]]
        return Picture(pixels.tobytes(), WIDTH, HEIGHT)


class Program:
    """Its main loop runs in a thread of its own, as it does in another process."""

    def __init__(self, host: Any):
        self.host = host
        self._posted: queue.Queue[Callable[[], object] | None] = queue.Queue()
        self.post = self._posted.put
        self.wanted: list[int | None] = []
        self.server = Server(host, self.post, self.wanted.append)
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._thread.start()

    def do(self, call: Callable[[], object]) -> None:
        """In the main loop, and wait for it."""
        done = threading.Event()
        self._posted.put(lambda: (call(), done.set()))
        assert done.wait(60)

    def stand(self) -> Callable[[], None]:
        """Have it do nothing, as GIMP does while it is busy; what it returns ends that."""
        go_on = threading.Event()
        self._posted.put(lambda: go_on.wait(60))
        return go_on.set

    def end(self) -> None:
        """It ends."""
        if self._thread.is_alive():
            self.do(self.server.close)
            self._posted.put(None)
            self._thread.join()

    def raw(self) -> socket.socket:
        """A connection from something that is no panel, or not yet."""
        found = socket.create_connection((wire.ADDRESS, self.server.port), timeout=30)
        return found

    def _loop(self) -> None:
        while True:
            try:
                call = self._posted.get(timeout=SOON)
            except queue.Empty:
                self.server.look()
            else:
                if call is None:
                    return
                call()
