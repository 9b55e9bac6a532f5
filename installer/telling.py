"""The face for programs: what happens goes out as lines of JSON, and the end of the input is a cancel."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

from sinddm_plugin.setup import Event, Failed, encode

STOPPED = 130
ENDS_WITHIN = 4.0  # seconds after a cancel; whatever it does then, the next run clears it away


def tell(event: Event) -> None:
    """A line."""
    print(encode(event), flush=True)


def fail(words: str, details: str = "") -> None:
    """The last line, where it could not be done."""
    tell(Failed(words, details))


def cancelled() -> Callable[[], bool]:
    """Whether the input has ended: whoever started this does not want it any more, or is gone."""
    ended = threading.Event()

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1 << 10):
            pass
        ended.set()
        end = threading.Timer(ENDS_WITHIN, os._exit, [STOPPED])
        end.daemon = True
        end.start()

    threading.Thread(target=watch, name="cancel", daemon=True).start()
    return ended.is_set
