"""Tools > Scripts > Import Python Plugin from File, as an artist goes through it: a file is chosen, and questions are
answered. What is imported is there at Krita's next start."""

from sinddm_probe.tools import (
    ARGUMENTS,
    QApplication,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QWidget,
    Until,
    app,
    do_click,
    do_open,
    do_screenshot,
    dock,
    trigger,
    window,
)

IMPORT = "plugin_importer_file"
OPENS, ASKS, CLOSES = 30, 30, 10  # seconds, on a busy machine


def _dialog(kind):
    """The modal dialog of this kind; None while there is none."""
    found = QApplication.activeModalWidget()
    return found if isinstance(found, kind) and found.isVisible() else None


def _do_choose_file(path, picture):
    """Give the archive's path in the dialog, and open it."""
    dialog = yield Until(lambda: _dialog(QFileDialog), OPENS)
    yield 0.5
    dialog.findChild(QLineEdit, "fileNameEdit").setText(path)
    button = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Open)
    yield Until(button.isEnabled, CLOSES)
    yield 0.2
    yield from do_screenshot(picture)
    yield from do_click(button)
    yield Until(lambda: _dialog(QFileDialog) is None, CLOSES)


def _do_say_yes(picture):
    """Agree to what Krita asks; returns its question."""
    box = yield Until(lambda: _dialog(QMessageBox), ASKS)
    yield 0.3
    yield from do_screenshot(picture)
    button = box.button(QMessageBox.StandardButton.Yes)
    assert button is not None, f"Krita asks nothing, it says: {box.text()}"
    title, said = box.windowTitle(), box.text()
    yield from do_click(button)
    yield Until(lambda: _dialog(QMessageBox) is not box, CLOSES)
    return [title, said]


def a_fresh_krita_imports_the_archive():
    assert app().action("sinddm_generate") is None, "the plugin is there already"
    assert window().qwindow().findChild(QWidget, "sinddm") is None, "its dock is there already"
    trigger(IMPORT)
    yield from _do_choose_file(ARGUMENTS["archive"], "file.png")
    asked = yield from _do_say_yes("activate.png")
    yield Until(lambda: app().readSetting("python", "enable_sinddm_krita", "") == "true", CLOSES)
    return asked


def the_next_start_has_the_plugin():
    yield from do_open(96, 64)
    found = dock("sinddm")
    yield Until(found.isVisible, 10)
    assert found.findChild(QWidget, "sinddm_panel").isVisible()
    yield 0.5
    yield from do_screenshot("dock.png")
    return app().action("sinddm_generate").shortcut().toString()


def a_newer_archive_goes_over_it_while_it_runs():
    trigger(IMPORT)
    yield from _do_choose_file(ARGUMENTS["archive"], "file-again.png")
    overwrite = yield from _do_say_yes("overwrite.png")
    activate = yield from _do_say_yes("activate-again.png")
    yield from do_open(96, 64)
    yield 1.0
    assert dock("sinddm").findChild(QWidget, "sinddm_panel").isVisible()
    return [overwrite, activate]
