"""GIMP's end of the line to the panel's process. Needs no gi: what has to do with GIMP is the host's.

Threads wait for the panel; all that is GIMP's is done in the main loop, through `post`.
"""

from __future__ import annotations

import hmac
import secrets
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from sinddm_plugin.client import VERSION, ClientError
from sinddm_plugin.client.runner import in_words
from sinddm_ui.distant.values import WireError, flat
from sinddm_ui.distant.wire import ADDRESS, MOST_TOKEN, Distant, Line, Message, receive, send, values_of
from sinddm_ui.host import Document, HostError

POLL = 0.3  # seconds between two looks at the document: GIMP tells of no change
SHARE = 0.1  # of the time at most that looking may take, where an image has very many layers
GREETING = 10.0  # seconds for a new panel to say the token


class Server:
    """Serves one panel at a time. Its methods are for the main loop.

    post: has a callable called in the main loop, from any thread, in the order of the calls: GLib.idle_add. wanted:
    opens a panel for an image by its number, or for none, and raises ClientError where that cannot be done. dark:
    whether the panel is to be dark, as the program is.
    """

    def __init__(
        self,
        host: Distant,
        post: Callable[[Callable[[], object]], object],
        wanted: Callable[[int | None], object],
        dark: bool = False,
    ):
        self._host, self._post, self._wanted, self._dark = host, post, wanted, dark
        self.token = secrets.token_hex(32)
        self._line: Line | None = None
        self._watched, self._seen = False, None
        self._socket = socket.create_server((ADDRESS, 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, name="sinddm panels", daemon=True).start()

    @property
    def connected(self) -> bool:
        """Whether there is a panel."""
        return self._line is not None

    def bring_forward(self) -> None:
        """Have the panel shown in front."""
        if self._line is not None:
            self._line.send({"push": "raise"})

    def look(self) -> float:
        """Tell the panel if the document is another one. Returns the seconds after which to look again."""
        line = self._line
        if line is None or not self._watched:
            return POLL
        begun = time.monotonic()
        try:
            found = self._host.document()
        except Exception:  # it is being changed or closed, and half of it is gone: the next look will do
            return POLL
        if found != self._seen:
            self._seen = found
            line.send({"push": "document", "value": flat(found, [])})
        return max(POLL, (time.monotonic() - begun) / SHARE)

    def close(self) -> None:
        """Hang up. The panel ends when it notices."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._socket.close()
        line, self._line = self._line, None
        if line is not None:
            line.close()

    # In threads

    def _accept(self) -> None:
        while True:
            try:
                opened = self._socket.accept()[0]
            except OSError:  # closed
                return
            threading.Thread(target=self._greet, args=(opened,), name="sinddm panel", daemon=True).start()

    def _greet(self, opened: socket.socket) -> None:
        """Let a panel in that says the token, or open one for who says it; anything on this computer may have come."""
        opened.settimeout(GREETING)
        try:
            message = receive(opened, MOST_TOKEN, 0)
        except (OSError, WireError):
            message = None
        token = message.header.get("token") if message else None
        if not isinstance(token, str) or not hmac.compare_digest(ascii(token), ascii(self.token)):
            opened.close()
            return
        assert message
        if "open" in message.header:
            self._post(lambda: self._open(opened, message.header["open"]))
            return
        line = Line(opened, lambda message: self._received(line, message), lambda: self._post(lambda: self._left(line)))
        self._post(lambda: self._let_in(line))

    def _received(self, line: Line, message: Message) -> None:
        """Raises WireError for what makes no sense, which ends the line."""
        header, arrived = message.header, time.monotonic()
        if header.get("tell") == "watch":
            self._post(lambda: self._be_watched(bool(header.get("value"))))
            return
        call, number, patience = header.get("call"), header.get("id"), header.get("patience")
        if not isinstance(call, str) or type(number) is not int or not isinstance(patience, int | float):
            raise WireError("it is no call")
        values = values_of(call, message)

        def answer() -> None:
            if time.monotonic() - arrived < patience:  # else nobody waits for it, and doing it would surprise
                self._answer(line, call, number, values)

        self._post(answer)

    # In the main loop

    def _open(self, asking: socket.socket, image: object) -> None:
        """A panel is wanted; who wants it is told why there is none, in words, or nothing."""
        try:
            self._wanted(image if isinstance(image, int) else None)
            error = ""
        except ClientError as refused:
            error = str(refused)
        with asking, suppress(OSError):
            send(asking, {"error": error})

    def _let_in(self, line: Line) -> None:
        line.open()
        if self._line is not None:  # one at a time
            line.close()
            return
        self._line, self._watched = line, True
        try:
            self._seen: Document | None = self._host.document()
        except Exception:
            self._seen = None
        welcome = {"push": "welcome", "name": self._host.name, "version": VERSION, "dark": self._dark}
        line.send({**welcome, "value": flat(self._seen, [])})

    def _left(self, line: Line) -> None:
        if self._line is line:
            self._line, self._watched = None, False

    def _be_watched(self, watched: bool) -> None:
        self._watched = watched
        self.look()

    def _answer(self, line: Line, call: str, number: int, values: list[object]) -> None:
        if self._line is not line:
            return
        try:
            value = getattr(self._host, call)(*values)
        except HostError as error:
            line.send({"answer": number, "error": str(error)})
        except Exception as error:  # a fault of the plug-in, or GIMP's own
            line.send({"answer": number, "error": str(in_words(error))})
        else:
            blocks = []
            line.send({"answer": number, "value": flat(value, blocks)}, blocks)
        if call == "insert":
            self.look()
