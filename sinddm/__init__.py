"""SinDDM: new pictures from one picture. `sinddm.Texture.from_image(path).generate(count=4)` is the whole idea."""

import os
from importlib import import_module
from typing import TYPE_CHECKING

from sinddm.errors import Cancelled, InputError, Paused

if TYPE_CHECKING:
    from sinddm.texture import Texture

    __version__: str

# torch's idle threads must sleep: spinning, they take the processor from the editor, and from each other
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__all__ = ["Cancelled", "InputError", "Paused", "Texture", "__version__"]


def __getattr__(name: str):
    """Import the engine, and torch with it, only when it is first used (PEP 562). The version is the client's, which
    takes it into editors, and imports what --help can do without."""
    if name == "Texture":
        return import_module("sinddm.texture").Texture
    if name == "__version__":
        return import_module("sinddm_plugin.client.version").VERSION
    raise AttributeError(f"module 'sinddm' has no attribute {name!r}")
