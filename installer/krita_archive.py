"""The archive that Krita imports (Tools > Scripts > Import Python Plugin), made of this clone."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from sinddm_plugin.krita.entries import action_file

NAME = "sinddm_krita"
ARCHIVE = f"{NAME}.zip"
ROOT = Path(__file__).resolve().parents[1]
SOURCES = {"sinddm_ui": ROOT / "ui", "sinddm_plugin": ROOT / "plugin"}
LEFT_OUT = {"__pycache__", "desktop", "gimp"}  # folders that Krita has no use for
MADE = (1980, 1, 1, 0, 0, 0)  # a fixed time: the same sources make the same archive

DESKTOP = f"""[Desktop Entry]
Type=Service
ServiceTypes=Krita/PythonPlugin
X-KDE-Library={NAME}
X-Python-2-Compatible=false
X-Krita-Manual=Manual.html
Name=SinDDM
Comment=Learn a layer's texture and make new layers from it: variations, tiles, fills, paintings, harmonized objects.
"""

INIT = '''"""SinDDM in Krita. Its packages lie beside this file, so that they come and go with it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "packages"))

from sinddm_plugin.krita import register  # noqa: E402

register()
'''


def contents() -> dict[str, bytes]:
    """What the archive holds, by name; names that end in / are folders."""
    found = {
        f"{NAME}.desktop": DESKTOP.encode(),
        f"{NAME}.action": action_file().encode(),
        f"{NAME}/": b"",  # Krita looks for the entry of the folder itself
        f"{NAME}/__init__.py": INIT.encode(),
        f"{NAME}/Manual.html": (SOURCES["sinddm_plugin"] / "krita" / "Manual.html").read_bytes(),
    }
    for package, folder in SOURCES.items():
        for path in _files(folder):
            found[f"{NAME}/packages/{package}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    return found


def write_archive(path: Path) -> None:
    """The archive, as one file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents().items():
            entry = zipfile.ZipInfo(name, MADE)
            entry.external_attr = (0o40755 << 16 | 0x10) if name.endswith("/") else 0o100644 << 16
            entry.compress_type = zipfile.ZIP_STORED if name.endswith("/") else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)


def _files(folder: Path) -> Iterator[Path]:
    """What Krita needs of a package, in order."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not LEFT_OUT & set(parts) and not path.name.startswith(".") and path.suffix != ".html":
            yield path
