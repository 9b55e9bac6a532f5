"""The archive through Krita's own importer, into a profile that has never had the plugin. The steps are in
steps/importing.py."""

import zipfile
from pathlib import Path

import pytest

STEPS = "importing.py"
NAME = "sinddm_krita"


@pytest.fixture(scope="module")
def imported(krita, archive):
    """The Krita that imported the archive."""
    return krita.run(STEPS, "a_fresh_krita_imports_the_archive", plugin=False, archive=str(archive))


@pytest.fixture(scope="module")
def used(krita, archive, imported):
    """The same profile's next Krita, in which a newer archive is imported."""
    assert imported["a_fresh_krita_imports_the_archive"]
    left = installed(imported.folder) / NAME / "packages" / "left_from_an_older_version.py"
    left.write_text("")
    steps = ("the_next_start_has_the_plugin", "a_newer_archive_goes_over_it_while_it_runs")
    return krita.run(STEPS, steps, home=imported.folder / "home", archive=str(archive))


def installed(launch: Path) -> Path:
    """Where Krita puts plugins in a launch's profile."""
    return launch / "home" / "data" / "krita" / "pykrita"


def test_krita_imports_the_archive_and_offers_to_enable_it(imported):
    title, said = imported["a_fresh_krita_imports_the_archive"]
    assert title == "Activate Plugins?"
    assert "<li>SinDDM</li>" in said


def test_all_of_the_archive_is_imported(imported, archive):
    assert imported["a_fresh_krita_imports_the_archive"]
    plugins = installed(imported.folder)
    with zipfile.ZipFile(archive) as held:
        for name in held.namelist():
            path = plugins / name if not name.endswith(".action") else plugins.parent / "actions" / name
            assert path.is_dir() if name.endswith("/") else path.read_bytes() == held.read(name), name


def test_krita_has_the_dock_and_the_shortcuts_at_its_next_start(used):
    assert used["the_next_start_has_the_plugin"] == "Ctrl+Alt+Shift+V"


def test_a_newer_archive_goes_over_the_plugin_while_it_runs(used, imported):
    overwrite, activate = used["a_newer_archive_goes_over_it_while_it_runs"]
    assert overwrite[0] == "Overwrite Plugin"
    assert '"SinDDM" already exists' in overwrite[1]
    assert activate[0] == "Activate Plugins?"
    assert not list(installed(imported.folder).rglob("left_from_an_older_version*"))


def test_the_newer_plugin_is_there_at_the_start_after_that(krita, used, imported):
    assert used["a_newer_archive_goes_over_it_while_it_runs"]
    last = krita.run(STEPS, "the_next_start_has_the_plugin", home=imported.folder / "home")
    assert last["the_next_start_has_the_plugin"] == "Ctrl+Alt+Shift+V"
