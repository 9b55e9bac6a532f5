"""Where the canvas of a picture is on the screen, and where on it each pixel is."""

from __future__ import annotations

from typing import Any

from sinddm_ui.qt import QAbstractScrollArea, QRectF, QTransform, QWidget

from .api import Krita

POINTS = 72.0  # of an inch; Krita's zoom is that of the printed size


def active_canvas() -> QWidget | None:
    """The widget that Krita draws the active view on; None if there is none."""
    controller = _controller()
    if controller is None:
        return None
    viewport = controller.viewport()
    for one in viewport.children():
        kind: Any = one.metaObject()
        if isinstance(one, QWidget) and "Canvas" in kind.className():
            return one
    return viewport


def image_to_canvas() -> QTransform | None:
    """From pixels of the picture to those of the active view's canvas widget; None while there is no view."""
    window, controller = Krita.instance().activeWindow(), _controller()
    view = None if window is None else window.activeView()
    document = None if view is None else view.document()
    if view is None or controller is None or document is None:
        return None
    if hasattr(view, "flakeToCanvasTransform") and hasattr(view, "flakeToImageTransform"):
        inverted, possible = view.flakeToImageTransform().inverted()
        return inverted * view.flakeToCanvasTransform() if possible else None
    return _worked_out(view.canvas(), document, controller)


def _worked_out(shown: Any, document: Any, controller: Any) -> QTransform:
    """Older Krita tells the zoom, the angle and whether it is mirrored. The scroll bars say where the corner of the
    rectangle around the turned picture is."""
    zoom = shown.zoomLevel() * POINTS / (document.resolution() or POINTS)
    turned = QTransform()
    turned.rotate(shown.rotation())
    turned.scale(-zoom if shown.mirror() else zoom, zoom)
    around = turned.mapRect(QRectF(0, 0, document.width(), document.height()))
    left = -controller.horizontalScrollBar().value() - around.x()
    top = -controller.verticalScrollBar().value() - around.y()
    return turned * QTransform.fromTranslate(left, top)


def _controller() -> Any:
    """What scrolls the active view's canvas. Windows show their views in an area of sub-windows."""
    window = Krita.instance().activeWindow()
    main = None if window is None else window.qwindow()
    if main is None:
        return None
    for area in main.findChildren(QAbstractScrollArea):
        if area.metaObject().className() == "QMdiArea" and (current := area.currentSubWindow()) is not None:
            for one in current.findChildren(QAbstractScrollArea):
                if one.metaObject().className() == "KisCanvasController":
                    return one
    return None
