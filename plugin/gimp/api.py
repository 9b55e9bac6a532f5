"""GIMP's own modules, which are there inside GIMP only."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_gi: Any = import_module("gi")
for _name, _version in (("Gimp", "3.0"), ("Gegl", "0.4"), ("Babl", "0.1")):
    _gi.require_version(_name, _version)

Babl: Any = import_module("gi.repository.Babl")
Gegl: Any = import_module("gi.repository.Gegl")
Gimp: Any = import_module("gi.repository.Gimp")
GLib: Any = import_module("gi.repository.GLib")
GObject: Any = import_module("gi.repository.GObject")


def user_interface() -> tuple[Any, Any]:
    """Gtk and GimpUi, which need a display and take a moment: for dialogs only."""
    _gi.require_version("Gtk", "3.0")
    _gi.require_version("GimpUi", "3.0")
    return import_module("gi.repository.Gtk"), import_module("gi.repository.GimpUi")
