"""The panel in a narrow dock, on screens of all scales and with large letters."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from scaled import WIDTH


@pytest.mark.parametrize("scale", [1, 1.25, 1.5, 2])
def test_in_a_narrow_dock_everything_can_be_read_and_reached(places, tmp_path, scale):
    script = Path(__file__).with_name("scaled.py")
    environment = {**os.environ, "QT_SCALE_FACTOR": str(scale), "QT_QPA_PLATFORM": "offscreen"}
    line = [sys.executable, script, tmp_path]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout == ""
    picture = Image.open(tmp_path / f"scale-{round(100 * scale)}-results.png")
    assert picture.width == WIDTH * scale
