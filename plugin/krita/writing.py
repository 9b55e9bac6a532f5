"""Results into Krita: new layers, filled before they are attached, so that one undo takes them away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sinddm_ui.host import HostError, Insertion, NewLayer

from .nodes import find, space_of_node
from .pixels import data_of, space_of


def insert(document: Any, insertion: Insertion) -> Iterator[Any]:
    """Attach the new layers, in a group where there are several, as each attaching is an undo step. Yields after each
    piece of work, so that the editor can live in between; once something is attached, it yields that. What is wrong
    with the results is raised before anything is done."""
    if not insertion.layers:
        raise HostError("There is no result to add: make some first.")
    data = [data_of(layer.picture) for layer in insertion.layers]
    shown = [*insertion.show, *[True] * len(data)]
    nodes = []
    for layer, pixels, visible in zip(insertion.layers, data, shown, strict=False):
        node = _filled(document, layer, bytes(pixels))
        node.setVisible(visible)
        nodes.append(node)
        yield None
    name = insertion.group or (insertion.layers[0].name if len(nodes) > 1 else None)
    whole = nodes[0]
    if name:
        whole = document.createGroupLayer(name)
        whole.setChildNodes(nodes)  # addChildNode would be an undo step for each, even while it is not attached
    above = find(document, insertion.above)
    parent = document.rootNode() if above is None else above.parentNode()
    if not parent.addChildNode(whole, above):
        raise HostError("Krita did not take the new layer: unlock the group that it goes into, then try again.")
    yield whole
    if name:  # what was put into a group before is not seen by itself
        document.refreshProjection()


def _filled(document: Any, layer: NewLayer, data: bytes) -> Any:
    """A layer of the document's colours that is not attached yet."""
    own, picture = space_of_node(document), layer.picture
    made = space_of(picture, own)
    node = document.createNode(layer.name, "paintlayer")
    if made != own:
        node.setColorSpace(*made)
    if space_of_node(node) != made:
        raise HostError(f"Krita has no profile {made.profile}: convert the picture to sRGB, then try again.")
    node.setPixelData(data, layer.x, layer.y, picture.width, picture.height)
    if made != own:
        node.setColorSpace(*own)
    return node
