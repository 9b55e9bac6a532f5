"""What can be had of models, told before anything is fetched and without a network."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sinddm.errors import InputError
from sinddm.text.models import DEFAULT, check_installed, folder_of

HUB = "https://huggingface.co"
USUAL = (DEFAULT, "ViT-B-16/laion2b_s34b_b88k", "ViT-L-14/laion2b_s32b_b82k")
"""From small and fast to large and slow."""
LICENCES = {  # of the weights, by their publisher on the hub and a part of their name, as their pages say
    ("laion", ""): "MIT",
    ("timm", ".openai"): "MIT",
    ("timm", "siglip"): "Apache-2.0",
    ("timm", "metaclip"): "CC-BY-NC-4.0, not for commercial use",
    ("apple", ""): "Apple's research licence, not for commercial use",
}
FLOAT = 4  # bytes


class Offer(NamedTuple):
    """A model that can be fetched."""

    name: str
    repository: str
    """On the hub."""
    file: str
    """Of the weights in it, where that is not the usual one."""
    bytes: int
    """About so many will come."""
    licence: str

    @property
    def page(self) -> str:
        """Where it comes from, for people."""
        return f"{hub()}/{self.repository}"

    @property
    def megabytes(self) -> int:
        """Its size."""
        return round(self.bytes / 1e6)


USUAL_OFFER = Offer(DEFAULT, "laion/CLIP-ViT-B-32-laion2B-s34B-b79K", "", 605_109_252, "MIT")
"""Known without open_clip, which takes seconds to bring in."""


def hub() -> str:
    """The address that models come from: HF_ENDPOINT, as others that use the hub have it, or the hub's own."""
    return (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")


def offer(name: str = DEFAULT) -> Offer:
    """What a model is, before it is fetched. Raises InputError for one that open_clip does not know."""
    check_installed()
    folder_of(name)
    import open_clip

    architecture, training = name.split("/")
    known = open_clip.get_pretrained_cfg(architecture, training)
    if not known.get("hf_hub"):
        trained = ", ".join(open_clip.list_pretrained_tags_by_model(architecture))
        raise InputError(
            f"open_clip knows no model {name!r}: "
            + (f"{architecture} comes as {trained}." if trained else f"choose another one, as {DEFAULT}.")
        )
    repository, _, file = known["hf_hub"].rpartition("/")
    with _quietly():
        model = open_clip.create_model(architecture, device="meta", pretrained_text=False)
    weights = sum(one.numel() for one in model.state_dict().values())
    return Offer(name, repository, file, weights * FLOAT, _licence(repository))


@contextmanager
def _quietly() -> Iterator[None]:
    """open_clip warns of a model without weights, of which only the size is wanted."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _licence(repository: str) -> str:
    publisher, _, name = repository.partition("/")
    return next(
        (words for (whose, part), words in LICENCES.items() if whose == publisher and part in name.lower()),
        "see its page",
    )
