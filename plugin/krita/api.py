"""Krita's own module, which is there inside Krita only."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_krita: Any = import_module("krita")

DockWidget: Any = _krita.DockWidget
DockWidgetFactory: Any = _krita.DockWidgetFactory
DockWidgetFactoryBase: Any = _krita.DockWidgetFactoryBase
Extension: Any = _krita.Extension
Krita: Any = _krita.Krita
