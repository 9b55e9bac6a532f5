"""The panel's entry in the menus, and how it reaches the part of the plug-in that serves the panel.

It is a process of its own, as those of all other entries are. A temporary procedure of the part that serves would be
called also while that waits for an answer of GIMP's, and libgimp takes the next answer for that of whoever asked last:
it asks by itself what kind of layers it was called with, and one of the two reads what was not meant for it.
"""

from __future__ import annotations

import json
import socket

from sinddm_ui.distant.values import WireError
from sinddm_ui.distant.wire import ADDRESS, receive, send
from sinddm_ui.host import HostError

from .api import Gimp

TITLE = "SinDDM _panel"
MENUS = ("<Image>/Windows", "<Image>/Filters/SinDDM")
ABOUT = "Open the SinDDM panel: all that can be made of the layers, with the results to choose from."
PLACE = "sinddm-panel-server"
"""Of what GIMP keeps in memory, for its own plug-ins, and never writes down."""
NOT_SERVED = "The part of SinDDM that serves the panel has ended: start GIMP anew."
PATIENCE = 20.0  # seconds


def tell_where(port: int, token: str) -> None:
    """Have all of this GIMP's plug-ins know who serves the panel."""
    data = json.dumps({"port": port, "token": token}).encode()
    Gimp.attach_parasite(Gimp.Parasite.new(PLACE, 0, data))


def open_panel(image: int | None) -> None:
    """Have the panel opened for an image, or for none. Raises HostError with what to do where it cannot be."""
    kept = Gimp.get_parasite(PLACE)
    if kept is None:
        raise HostError(NOT_SERVED)
    known = json.loads(bytes(kept.get_data()))
    try:
        with socket.create_connection((ADDRESS, known["port"]), PATIENCE) as line:
            send(line, {"token": known["token"], "open": image})
            answer = receive(line)
    except (OSError, WireError) as error:
        raise HostError(NOT_SERVED) from error
    if answer is None or answer.header.get("error") is None:
        raise HostError(NOT_SERVED)
    if answer.header["error"]:
        raise HostError(answer.header["error"])
