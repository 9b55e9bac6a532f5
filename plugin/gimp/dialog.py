"""GIMP's own dialog of a procedure, to which the library's textures are added. It remembers the last values."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from sinddm_plugin.client import Client, ClientError

from .api import GLib, user_interface
from .arguments import TEXTURE

LOADING = "The library is being read"


def ask(procedure: Any, config: Any, title: str, names: Sequence[str], folded: Sequence[str], own: str) -> bool:
    """Show the dialog; whether the artist wants it done. names: of the arguments, in their order; folded: those that
    matter less; own: what is learned from if no texture is chosen."""
    _, ui = user_interface()
    ui.init("sinddm")
    dialog = ui.ProcedureDialog.new(procedure, config, title)
    shown = [name for name in names if name not in folded and name != TEXTURE]
    for name in shown:
        if (kind := config.find_property(name).value_type.name) == "gdouble":
            dialog.get_scale_entry(name, 1.0)
        del kind
    if folded:
        dialog.get_label("more-label", "More", False, False)
        dialog.fill_box("more-box", list(folded))
        dialog.fill_expander("more", "more-label", False, "more-box")
        shown.append("more")
    if TEXTURE in names:
        dialog.get_content_area().pack_start(_textures(config, own), False, False, 6)
    dialog.fill(shown)
    wanted = dialog.run()
    dialog.destroy()
    return wanted


def _textures(config: Any, own: str) -> Any:
    """A choice of what is learned from. The library is read beside, as SinDDM may have to be started for it."""
    gtk, _ = user_interface()
    box, combo = gtk.Box(spacing=6), gtk.ComboBoxText()
    label = gtk.Label.new_with_mnemonic("L_earn from")
    label.set_mnemonic_widget(combo)
    combo.set_tooltip_text("The layer itself, or a texture of the library")
    chosen = config.get_property(TEXTURE)
    for name in ["", *([chosen] if chosen else [])]:
        combo.append(name, name or own)
    combo.set_active_id(chosen)
    combo.connect("changed", lambda _: config.set_property(TEXTURE, combo.get_active_id() or ""))
    box.pack_start(label, False, False, 0)
    box.pack_start(combo, True, True, 0)
    box.set_border_width(12)
    box.show_all()
    threading.Thread(target=_read, args=(combo, chosen), daemon=True).start()
    return box


def _read(combo: Any, chosen: str) -> None:
    """In a thread."""
    try:
        names = [one.name for one in Client.connect().textures()]
    except ClientError:
        return  # what is wrong is told when the procedure runs
    for name in names:
        if name != chosen:
            GLib.idle_add(combo.append, name, name)
