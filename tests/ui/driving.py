"""The panel in a test's hands: what it shows, and clicks on it."""

from __future__ import annotations

from typing import Any

from PyQt6 import QtTest
from sinddm_ui.panel import Panel
from sinddm_ui.qt import QAbstractButton, QComboBox, QLabel, QListWidget, Qt

qtest: Any = QtTest.QTest
LEFT = Qt.MouseButton.LeftButton


def shown(panel: Panel, kind: type) -> list[Any]:
    """The visible widgets of a kind."""
    return [one for one in panel.findChildren(kind) if one.isVisibleTo(panel)]


def button(panel: Panel, text: str) -> Any:
    """The visible button with this text."""
    found = [one for one in shown(panel, QAbstractButton) if one.text() == text]
    assert found, [one.text() for one in shown(panel, QAbstractButton)]
    return found[0]


def click(panel: Panel, text: str) -> None:
    qtest.mouseClick(button(panel, text), LEFT)


def words(panel: Panel) -> str:
    """All that is written."""
    return "\n".join(one.text() for one in shown(panel, QLabel))


def grid(panel: Panel) -> QListWidget:
    return next(one for one in panel.findChildren(QListWidget) if one.accessibleName() == "Results")


def named(panel: Panel, kind: type, name: str) -> Any:
    """The visible widget of a kind that screen readers call so."""
    found = [one for one in shown(panel, kind) if one.accessibleName() == name]
    assert found, [one.accessibleName() for one in shown(panel, kind)]
    return found[0]


def pick(panel: Panel, name: str, text: str) -> None:
    """Choose from a list by the keyboard: the entry whose words begin like this."""
    box: QComboBox = named(panel, QComboBox, name)
    wanted = next(at for at in range(box.count()) if box.itemText(at).startswith(text))
    box.setFocus()
    while box.currentIndex() != wanted:
        before = box.currentIndex()
        qtest.keyClick(box, Qt.Key.Key_Down if before < wanted else Qt.Key.Key_Up)
        assert box.currentIndex() != before
