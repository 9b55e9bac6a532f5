"""Taking SinDDM away again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sinddm_installer import editors, environment, ready_made
from sinddm_installer.course import Course
from sinddm_installer.folders import RECORD
from sinddm_installer.lock import FILE, alone
from sinddm_installer.making import DOWNLOADS, end_backend
from sinddm_installer.swap import clear
from sinddm_plugin.client.places import data_folder, state_folder
from sinddm_plugin.setup import Done, Event

from sinddm.errors import InputError

TEXTURES = "textures"


def uninstall(textures: bool, tell: Callable[[Event], object], cancelled: Callable[[], bool] = lambda: False) -> Done:
    """Take everything away but the textures, or these as well. Raises InputError and Cancelled."""
    data = data_folder()
    having = [editor for editor in editors.found() if editor.has]
    with alone(data):
        course = Course(1 + len(having), tell, cancelled)
        for editor in having:
            course.begin(f"Taking the plugin out of {editor.name}")
            editors.take_out(editor)
        course.begin("Taking SinDDM away")
        end_backend(course)
        for name in (environment.NAME, ready_made.NAME):
            clear(data / name)
            _remove(data / name)
        for folder in (data / DOWNLOADS, state_folder(), *([data / TEXTURES] if textures else [])):
            _remove(folder)
        for path in (data / RECORD, *data.glob("sinddm-*.whl"), *data.glob(".sinddm-*.part"), data / FILE):
            path.unlink(missing_ok=True)
    with suppress(OSError):  # something is left in it
        data.rmdir()
    left = data / TEXTURES
    return Done(f"SinDDM is gone. Your textures are still in {left}." if left.is_dir() else "SinDDM is gone.")


def _remove(folder: Path) -> None:
    """Raises InputError."""
    if not folder.exists():
        return
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise InputError(f"{folder} could not be removed ({error.strerror}): close SinDDM, then try again.") from error
