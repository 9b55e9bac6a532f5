"""GIMP's own dialog of a procedure, to which the library's textures are added. It remembers the last values."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sinddm_plugin.client import Client, ClientError

from .api import Gimp, GLib, GObject, user_interface
from .arguments import LAYER, TEXTURE

WIDTH = 46  # letters of a line
EDGE = 10  # pixels around what GIMP puts into its dialogs itself


@dataclass(frozen=True)
class Form:
    """What a dialog shows."""

    title: str
    about: str
    """What it takes from the image, below what it learns from."""
    names: Sequence[str]
    """Of the arguments, in their order."""
    folded: Sequence[str] = ()
    """Those that matter less."""
    own: str = "This layer"
    """What is learned from if no texture is chosen."""
    counts_if: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """The choice on which an argument depends, and what has to be chosen there for it to count."""


def ask(procedure: Any, config: Any, form: Form) -> bool:
    """Show the dialog; whether the artist wants it done."""
    _, ui = user_interface()
    ui.init("sinddm")
    dialog = ui.ProcedureDialog.new(procedure, config, form.title)
    if TEXTURE in form.names:
        dialog.get_content_area().pack_start(_textures(config, form.own), False, False, 0)
    sources = [name for name in form.names if name == LAYER]
    shown = [name for name in form.names if name not in (*form.folded, TEXTURE, LAYER)]
    for name in shown:
        if config.find_property(name).value_type.name == "gdouble":
            dialog.get_scale_entry(name, 1.0)
    about = dialog.get_label("about", form.about, False, False)
    about.set_line_wrap(True)
    about.set_max_width_chars(WIDTH)
    about.set_xalign(0)
    if form.folded:
        dialog.get_label("more-label", "_More", False, True)
        dialog.fill_box("more-box", list(form.folded))
        dialog.fill_expander("more", "more-label", False, "more-box")
        shown.append("more")
    dialog.fill([*sources, "about", *shown])
    for name, (choice, values) in form.counts_if.items():
        dialog.set_sensitive_if_in(name, None, choice, _values(values), True)
    wanted = dialog.run()
    dialog.destroy()
    return wanted


def _values(values: Sequence[str]) -> Any:
    return Gimp.ValueArray.new_from_values([GObject.Value(GObject.TYPE_STRING, value) for value in values])


def _textures(config: Any, own: str) -> Any:
    """A choice of what is learned from. The library is read beside, as SinDDM may have to be started for it."""
    gtk, _ = user_interface()
    box, combo = gtk.Box(spacing=6), gtk.ComboBoxText()
    label = gtk.Label.new_with_mnemonic("Learn _from")
    label.set_mnemonic_widget(combo)
    combo.set_tooltip_text("The layer itself, or a texture of the library")
    chosen = config.get_property(TEXTURE)
    for name in ["", *([chosen] if chosen else [])]:
        combo.append(name, name or own)
    combo.set_active_id(chosen)
    combo.connect("changed", lambda _: config.set_property(TEXTURE, combo.get_active_id() or ""))
    box.pack_start(label, False, False, 0)
    box.pack_start(combo, True, True, 0)
    box.set_border_width(EDGE)
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
