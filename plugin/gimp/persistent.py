"""The part of the plug-in that runs as long as GIMP: it opens the panel and serves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import images, opening
from .api import Gimp, GLib
from .companion import Companion
from .following import ActiveImage
from .host import GimpHost
from .serving import Server

_companion: Companion | None = None


def run(plugin: Any, procedure: Any) -> None:
    """Serve until GIMP quits. procedure: the persistent one that GIMP has called."""
    global _companion  # noqa: PLW0603 - GIMP calls quit() by itself, and gives it nothing
    active = ActiveImage()
    host = GimpHost(lambda: active.see(images.states()))

    def wanted(image: int | None) -> None:
        if image is not None:
            active.choose(image)
        if _companion is not None:
            _companion.open()

    server = Server(host, _post, wanted, dark=Gimp.gimprc_query("theme-color-scheme") == "dark")
    _companion = Companion(server, _post, Gimp.message)
    opening.tell_where(server.port, server.token)
    plugin.set_pdb_error_handler(Gimp.PDBErrorHandler.PLUGIN)  # that an image was just closed is no news
    plugin.persistent_enable()
    procedure.persistent_ready()
    _look(server)
    GLib.MainLoop().run()


def quit() -> None:
    """GIMP quits: the panel ends with it."""
    global _companion
    companion, _companion = _companion, None
    if companion is not None:
        companion.close()


def _post(call: Callable[[], object]) -> None:
    """Have it called in the main loop, once."""

    def once() -> bool:
        call()
        return GLib.SOURCE_REMOVE

    GLib.idle_add(once, priority=GLib.PRIORITY_DEFAULT)  # in their order, and before anything that is idle


def _look(server: Server) -> bool:
    """Look for changes from now on."""
    GLib.timeout_add(round(server.look() * 1000), _look, server)
    return GLib.SOURCE_REMOVE
