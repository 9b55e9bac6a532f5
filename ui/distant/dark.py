"""A dark panel beside a dark program, whatever the desktop is."""

from __future__ import annotations

from sinddm_ui.qt import QApplication, QColor, QPalette, Qt

GROUND, FIELD, BUTTON, TEXT, FAINT, CHOSEN = "#454545", "#383838", "#505050", "#e6e6e6", "#8c8c8c", "#3f6ea3"
COLORS = {
    "Window": GROUND,
    "WindowText": TEXT,
    "Base": FIELD,
    "AlternateBase": GROUND,
    "Text": TEXT,
    "PlaceholderText": FAINT,
    "Button": BUTTON,
    "ButtonText": TEXT,
    "BrightText": "#ffffff",
    "ToolTipBase": FIELD,
    "ToolTipText": TEXT,
    "Highlight": CHOSEN,
    "HighlightedText": "#ffffff",
    "Link": "#7fb2ea",
    "Light": "#606060",
    "Midlight": "#585858",
    "Mid": "#333333",
    "Dark": "#2a2a2a",
    "Shadow": "#181818",
}
FAINT_WHERE_OFF = ("WindowText", "Text", "ButtonText")


def darken(app: QApplication) -> None:
    """Make all windows dark, if they are not: as the desktop does it where it can, otherwise by colours of our own."""
    hints = app.styleHints()
    if hasattr(hints, "setColorScheme"):  # from Qt 6.8 on, and only where the desktop has two
        hints.setColorScheme(Qt.ColorScheme.Dark)  # pyright: ignore[reportOptionalMemberAccess]
    if app.palette().window().color().lightness() < 128:
        return
    app.setStyle("Fusion")  # the one style that takes all colours from the palette
    palette = QPalette()
    for role, color in COLORS.items():
        palette.setColor(QPalette.ColorRole[role], QColor(color))
    for role in FAINT_WHERE_OFF:
        palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole[role], QColor(FAINT))
    app.setPalette(palette)
