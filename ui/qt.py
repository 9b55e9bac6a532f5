"""Qt, as the program has it that this runs in: PyQt5 inside Krita 5, PyQt6 elsewhere.

Krita 6 refuses PyQt5 and Krita 5 PyQt6, so Krita is asked, rather than tried. Scoped enums and exec() work in both.
"""

# ruff: noqa: F401 - it is here to be imported from
# pyright: reportMissingImports=false, reportMissingModuleSource=false, reportAttributeAccessIssue=false

from __future__ import annotations

import importlib.util
import os
import sys
from typing import TYPE_CHECKING


def _version() -> int:
    """5 or 6."""
    if wanted := os.environ.get("SINDDM_QT"):  # for tests
        return int(wanted)
    krita = sys.modules.get("pykrita") or sys.modules.get("krita")  # Krita imports them before any plugin
    if krita is not None:
        return getattr(krita, "qt_major_version", lambda: 5)()
    return 6 if importlib.util.find_spec("PyQt6") is not None else 5


QT = _version()

if TYPE_CHECKING or QT == 6:
    from PyQt6.QtCore import (
        QEvent,
        QMimeData,
        QObject,
        QPoint,
        QPointF,
        QRect,
        QRectF,
        QSettings,
        QSize,
        Qt,
        QTimer,
    )
    from PyQt6.QtCore import pyqtSignal as Signal
    from PyQt6.QtGui import (
        QAction,
        QActionGroup,
        QBrush,
        QColor,
        QCursor,
        QGuiApplication,
        QIcon,
        QImage,
        QKeySequence,
        QPainter,
        QPainterPath,
        QPalette,
        QPen,
        QPixmap,
        QTransform,
    )
    from PyQt6.QtWidgets import (
        QAbstractButton,
        QAbstractItemView,
        QAbstractScrollArea,
        QApplication,
        QButtonGroup,
        QCheckBox,
        QColorDialog,
        QComboBox,
        QDockWidget,
        QFileDialog,
        QFrame,
        QGridLayout,
        QHBoxLayout,
        QInputDialog,
        QLabel,
        QLayout,
        QLineEdit,
        QListView,
        QListWidget,
        QListWidgetItem,
        QMainWindow,
        QMenu,
        QMessageBox,
        QProgressBar,
        QPushButton,
        QScrollArea,
        QSizePolicy,
        QSlider,
        QSpinBox,
        QToolBar,
        QToolButton,
        QTreeView,
        QVBoxLayout,
        QWidget,
    )
else:
    from PyQt5.QtCore import (
        QEvent,
        QMimeData,
        QObject,
        QPoint,
        QPointF,
        QRect,
        QRectF,
        QSettings,
        QSize,
        Qt,
        QTimer,
    )
    from PyQt5.QtCore import pyqtSignal as Signal
    from PyQt5.QtGui import (
        QBrush,
        QColor,
        QCursor,
        QGuiApplication,
        QIcon,
        QImage,
        QKeySequence,
        QPainter,
        QPainterPath,
        QPalette,
        QPen,
        QPixmap,
        QTransform,
    )
    from PyQt5.QtWidgets import (
        QAbstractButton,
        QAbstractItemView,
        QAbstractScrollArea,
        QAction,
        QActionGroup,
        QApplication,
        QButtonGroup,
        QCheckBox,
        QColorDialog,
        QComboBox,
        QDockWidget,
        QFileDialog,
        QFrame,
        QGridLayout,
        QHBoxLayout,
        QInputDialog,
        QLabel,
        QLayout,
        QLineEdit,
        QListView,
        QListWidget,
        QListWidgetItem,
        QMainWindow,
        QMenu,
        QMessageBox,
        QProgressBar,
        QPushButton,
        QScrollArea,
        QSizePolicy,
        QSlider,
        QSpinBox,
        QToolBar,
        QToolButton,
        QTreeView,
        QVBoxLayout,
        QWidget,
    )
