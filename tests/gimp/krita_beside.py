"""A Krita beside the tested GIMPs, with the harness of its own tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gimp_places
import pytest
from shared_backend import SharedBackend

sys.path.append(str(gimp_places.HERE.parent / "krita"))
import krita_places
from krita_app import KritaApp, build_archive

__all__ = ["KritaApp", "beside"]


@contextmanager
def beside(folder: Path, display: str, backend: SharedBackend) -> Iterator[KritaApp]:
    """Krita with the plugin, of the same user as the backend. Skips the test where there is none."""
    if why := krita_places.missing():
        pytest.skip(why)
    variables = {**backend.variables, "SINDDM_BACKEND": krita_places.backend_command()}
    own = folder / "krita"
    own.mkdir()
    app = KritaApp(own, display, variables, build_archive(own))
    app.make_template()
    yield app
    app.end()
