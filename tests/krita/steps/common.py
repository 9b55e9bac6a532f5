"""What steps share that need the plugin."""

from sinddm_plugin.krita.host import KritaHost
from sinddm_ui.host import Insertion, NewLayer


def make_host():
    """The plugin's host."""
    return KritaHost()


def read(host, layer, box):
    """A part of a layer of the active document."""
    return host.read(host.document().id, layer, box)


def same(host, document, picture, name, _):
    """Insert a picture at the corner."""
    host.insert(Insertion(host.document().id, [NewLayer(name, picture, 0, 0)]))
