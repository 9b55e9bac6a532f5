"""What the bundle holds, and what it leaves out: each with its reason."""

from __future__ import annotations

import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path

PACKAGES = "sinddm", "sinddm_ui", "sinddm_plugin.client"
"""That come whole: much of them is imported only when it is asked for."""
COMPILED = "sinddm.denoisers.search_cpu"
"""The module that comes compiled, see compiled.py."""
SHOWN = (
    *("torch", "numpy", "numba", "scipy", "pillow", "tifffile", "imagecodecs", "OpenEXR", "safetensors"),
    *("fastapi", "uvicorn"),
)
"""Whose versions sinddm doctor tells; numba's is that which compiled."""

MODULES_LEFT_OUT = {
    "numba": "a compiler, of which nothing is left to do",
    "llvmlite": "numba's, 170 MB",
    COMPILED: "it comes compiled",
    "tkinter": "the window is Qt's",
    "IPython": "libraries adapt to it where it runs",
    "matplotlib": "libraries draw with it where they are asked to",
    "setuptools": "libraries compile with it",
    "pytest": "libraries test themselves with it",
    "readline": "nobody types Python here",
    "torch.utils.tensorboard": "how learning goes is shown by sinddm",
    **{
        f"scipy.{name}": "of scipy only ndimage is used, and what it imports"
        for name in (
            *("cluster", "constants", "datasets", "differentiate", "fft", "fftpack", "integrate", "interpolate", "io"),
            *("misc", "odr", "optimize", "signal", "sparse", "spatial", "stats"),
        )
    },
    **dict.fromkeys(("PIL.ImageFont", "PIL._imagingft"), "no text is written on pictures"),
    **dict.fromkeys(("PIL.ImageTk", "PIL._imagingtk", "PIL.ImageQt"), "pictures go to Qt as arrays"),
}
FILES_LEFT_OUT = {
    "*/Qt6/translations/*": "the words on screen are English, Qt's own as well",
    "*/platformthemes/*gtk3*": "brings parts of GTK; the desktop's file dialogs come by its portal",
    **dict.fromkeys(
        (
            *("*/platforms/*eglfs*", "*/platforms/*linuxfb*", "*/platforms/*minimal*", "*/platforms/*vkkhrdisplay*"),
            *("*/platforms/*vnc*", "*/egldeviceintegrations/*", "*/generic/*"),
        ),
        "screens and mice without a desktop",
    ),
    **dict.fromkeys(
        (f"*/imageformats/*q{name}.*" for name in ("gif", "icns", "ico", "pdf", "tga", "tiff", "wbmp", "webp")),
        "the engine reads pictures; Qt reads icons (SVG) and what is pasted (PNG, BMP, JPEG)",
    ),
}
ENGINE = "sinddm.texture", "torch", "numpy"
"""What the installer does not need, with all that only they import: it sets them up."""
STRIPPED = "libtorch_cpu.so", "libtorch_python.so", "libpython3.*.so*"
"""Libraries that hold 110 MB of names for debuggers."""


def left_out(path: str) -> bool:
    """Whether a file stays out of the bundle."""
    return any(fnmatch(Path(path).as_posix(), pattern) for pattern in FILES_LEFT_OUT)


def slim(library: Path, folder: Path) -> Path:
    """The library without names for debuggers, if it is one of STRIPPED and this system can; else as it is."""
    tool = shutil.which("strip")
    if not tool or not any(fnmatch(library.name, pattern) for pattern in STRIPPED):
        return library
    made = folder / f"stripped-{library.name}"
    subprocess.run([tool, "--strip-unneeded", "-o", str(made), str(library)], check=True)
    return made
