"""Makes what docs/krita.md shows, with a real Krita: python tests/krita/krita_pictures.py"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import krita_places
import numpy as np
from krita_app import KritaApp, build_archive
from PIL import Image

sys.path.append(str(krita_places.ROOT))
from doc_pictures import beside, cut, keep
from screens import screen
from shared_backend import SharedBackend

from benchmarks import pictures

LONGEST = 900.0  # seconds
HEIGHT, WIDTH = 300, 440
SCREENS = ("menu", "variations", "panel")
PAIRS = ("paint", "harmonize")


def main() -> int:
    """Make them. Returns the exit code."""
    if why := krita_places.missing():
        print(why, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="sinddm-krita-") as place, screen() as display:
        folder = Path(place)
        backend = SharedBackend(folder, krita_places.backend_command())
        krita = KritaApp(folder, display, backend.variables, build_archive(folder))
        try:
            krita.make_template()
            _photograph(krita, folder)
        finally:
            krita.end()
            backend.end()
    return 0


def _photograph(krita: KritaApp, folder: Path) -> None:
    """Have them made by one Krita."""
    launch = krita.run("pictures.py", longest=LONGEST, **_inputs(folder))
    for name in SCREENS:
        keep(cut(launch.folder / f"{name}.png", launch[name]), f"krita-{name}")
    for name in PAIRS:
        box = launch[name]
        keep(beside(*(cut(launch.folder / f"{one}.png", box) for one in (f"{name}-before", name))), f"krita-{name}")


def _inputs(folder: Path) -> dict[str, str]:
    """Files of the pictures that are opened, and of the bytes of layers above them."""
    meadow = pictures.meadow(HEIGHT, WIDTH)
    balloon, mask = pictures.pasted_balloon(meadow)
    painting = pictures.rough_painting(HEIGHT, WIDTH)
    for name, picture in (("meadow", meadow), ("pebbles", pictures.pebbles(HEIGHT, WIDTH))):
        Image.fromarray(picture).save(folder / f"{name}.png")
    (folder / "shapes.bin").write_bytes(_layer(painting, np.full(mask.shape, 255)))
    (folder / "balloon.bin").write_bytes(_layer(balloon, mask * 255))
    files = ("meadow.png", "pebbles.png", "shapes.bin", "balloon.bin")
    return {Path(name).stem: str(folder / name) for name in files}


def _layer(picture: np.ndarray, alpha: np.ndarray) -> bytes:
    """As Krita has its layers: B, G, R, A."""
    return np.dstack([picture[..., ::-1], alpha]).astype(np.uint8).tobytes()


if __name__ == "__main__":
    sys.exit(main())
