"""The part of the plug-in that runs as long as GIMP: it opens the panel and serves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sinddm_plugin.client import ClientError, commands

from . import images
from .api import Gimp, GLib
from .companion import Companion
from .following import ActiveImage
from .host import GimpHost
from .serving import Server

PANEL = "sinddm-panel"
MENUS = ("<Image>/Windows", "<Image>/Filters/SinDDM")
ABOUT = "Open the SinDDM panel: all that can be made of the layers, with the results to choose from."

_companion: Companion | None = None


def run(plugin: Any, procedure: Any) -> None:
    """Serve until GIMP quits. procedure: the persistent one that GIMP has called."""
    global _companion  # noqa: PLW0603 - GIMP calls quit() by itself, and gives it nothing
    active = ActiveImage()
    host = GimpHost(lambda: active.see(images.states()))
    server = Server(host, _post, dark=Gimp.gimprc_query("theme-color-scheme") == "dark")
    _companion = Companion(server, _post, Gimp.message)
    _add_entry(plugin, active, _companion)
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


def _add_entry(plugin: Any, active: ActiveImage, companion: Companion) -> None:
    """The entry in the menus, which works on whatever image it is chosen for, and on none."""

    def chosen(procedure: Any, mode: Any, image: Any, drawables: Any, config: Any, data: Any) -> Any:
        if image is not None:
            active.choose(image.get_id())
        try:
            if commands.found() is None and mode == Gimp.RunMode.INTERACTIVE:
                _offer(companion)
            else:
                companion.open()
        except ClientError as error:
            why = GLib.Error.new_literal(Gimp.PlugIn.error_quark(), str(error), 0)
            return procedure.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, why)
        return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)

    entry = Gimp.ImageProcedure.new(plugin, PANEL, Gimp.PDBProcType.TEMPORARY, chosen, None)
    entry.set_image_types("*")
    entry.set_sensitivity_mask(
        Gimp.ProcedureSensitivityMask.DRAWABLE
        | Gimp.ProcedureSensitivityMask.DRAWABLES
        | Gimp.ProcedureSensitivityMask.NO_DRAWABLES
        | Gimp.ProcedureSensitivityMask.NO_IMAGE
    )
    entry.set_menu_label("SinDDM _panel")
    for path in MENUS:
        entry.add_menu_path(path)
    entry.set_documentation(ABOUT, ABOUT, PANEL)
    plugin.add_temp_procedure(entry)


def _offer(companion: Companion) -> None:
    """Have SinDDM set up, and the panel opened when it is. Returns at once: GIMP waits for no plug-in."""
    from .setting_up import Dialog  # needs a display

    def ended(good: bool) -> None:
        if good:
            try:
                companion.open()
            except ClientError as error:
                Gimp.message(str(error))

    Dialog(ended)


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
