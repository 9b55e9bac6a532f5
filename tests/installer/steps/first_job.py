"""A first job in Krita, for kritarunner: with the plugin as the installer has put it there."""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

from __future__ import annotations

import json
import math
import os
import sys
import traceback
from pathlib import Path

from krita import Krita

WIDTH, HEIGHT = 64, 48
PLUGIN, FOUND = os.environ["SINDDM_TEST_PLUGIN"], Path(os.environ["SINDDM_TEST_FOUND"])


def main(*_: object) -> None:
    """kritarunner calls this, and ends well whatever comes of it: so that is written down."""
    try:
        found = _variation()
    except BaseException:
        found = {"error": traceback.format_exc()}
    FOUND.write_text(json.dumps(found))


def _variation() -> dict:
    """Make one of a layer, put it in, and tell what is there then."""
    sys.path.insert(0, str(Path(PLUGIN) / "packages"))
    from sinddm_plugin.client import Client, Generate
    from sinddm_plugin.krita import nodes, reading, writing
    from sinddm_ui.host import Box, Insertion, NewLayer

    Krita.instance().setBatchmode(True)
    document = Krita.instance().createDocument(WIDTH, HEIGHT, "Test", "RGBA", "U8", "", 72.0)
    layer = document.createNode("Meadow", "paintlayer")
    layer.setPixelData(_waves(), 0, 0, WIDTH, HEIGHT)
    document.rootNode().addChildNode(layer, None)
    document.waitForDone()
    id = layer.uniqueId().toString()
    picture = reading.read(document, id, Box(0, 0, WIDTH, HEIGHT))
    client = Client.connect()
    job = client.wait(client.submit(Generate(source=[picture], quality="draft", seed=3)).id)
    made = client.result(job.id, 0)
    new = NewLayer("Meadow - variation", made.picture, made.x, made.y)
    for _ in writing.insert(document, Insertion(nodes.id_of(document), [new], id)):
        pass
    document.waitForDone()
    top = next(iter(nodes.walk(document.rootNode())))
    pixels = bytes(top.pixelData(0, 0, WIDTH, HEIGHT))
    return {"names": [one.name() for one in nodes.walk(document.rootNode())], "values": len(set(pixels))}


def _waves() -> bytes:
    pixels = bytearray()
    for y in range(HEIGHT):
        for x in range(WIDTH):
            pixels += bytes(int(127 + 90 * math.sin(x / a + y / b)) for a, b in ((5, 9), (11, 4), (7, 7)))
            pixels.append(255)
    return bytes(pixels)
