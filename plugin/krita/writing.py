"""Results into Krita: new layers, filled before they are attached, so that one undo takes them away."""

from __future__ import annotations

from typing import Any

from sinddm_ui.host import HostError, Insertion, NewLayer

from .nodes import find, space_of_node
from .pixels import data_of, space_of


def insert(document: Any, insertion: Insertion) -> Any:
    """Attach the new layers, in a group where there are several: each attaching is an undo step. Returns what was
    attached."""
    if not insertion.layers:
        raise HostError("There is no result to add: make some first.")
    shown = [*insertion.show, *[True] * len(insertion.layers)]
    nodes = []
    for layer, visible in zip(insertion.layers, shown, strict=False):
        node = _filled(document, layer)
        node.setVisible(visible)
        nodes.append(node)
    name = insertion.group or (insertion.layers[0].name if len(nodes) > 1 else None)
    if name:
        whole = document.createGroupLayer(name)
        for node in nodes:  # the last one added is on top
            whole.addChildNode(node, None)
    else:
        whole = nodes[0]
    above = find(document, insertion.above)
    parent = document.rootNode() if above is None else above.parentNode()
    if not parent.addChildNode(whole, above):
        raise HostError("Krita did not take the new layer: unlock the group that it goes into, then try again.")
    return whole


def _filled(document: Any, layer: NewLayer) -> Any:
    """A layer of the document's colours that is not attached yet."""
    own = space_of_node(document)
    made = space_of(layer.picture, own)
    data, picture = data_of(layer.picture), layer.picture
    node = document.createNode(layer.name, "paintlayer")
    if made != own:
        node.setColorSpace(*made)
    if space_of_node(node) != made:
        raise HostError(f"Krita has no profile {made.profile}: convert the picture to sRGB, then try again.")
    node.setPixelData(bytes(data), layer.x, layer.y, picture.width, picture.height)
    if made != own:
        node.setColorSpace(*own)
    return node
