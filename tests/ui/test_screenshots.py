"""Every state of the panel can be brought about, and is written as a picture for who wants to look."""

import subprocess
import sys
from pathlib import Path

from PIL import Image

STATES = (
    *("no-document", "nothing-learned", "first-start", "results-arriving", "queue", "results", "learning", "error"),
    *("lost", "library", "narrow", "dark"),
)


def test_each_state_is_photographed():
    folder = Path(__file__).parents[2] / "out" / "ui"
    script = Path(__file__).with_name("screenshots.py")
    done = subprocess.run([sys.executable, script, folder], capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    for state in [*STATES, "large-text"]:
        picture = Image.open(folder / f"{state}.png")
        assert picture.width == (280 if state == "narrow" else 340)
        assert len(picture.convert("RGB").getcolors(1 << 20) or []) > 50
    for state in ("generate", "results", "large-generate", "large-results"):
        assert Image.open(folder / f"scale-150-{state}.png").width == 280 * 1.5
