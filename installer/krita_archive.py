"""The archive that Krita imports (Tools > Scripts > Import Python Plugin), made of this clone."""

from __future__ import annotations

import zipfile
from pathlib import Path

from sinddm_installer.folders import ROOT, package_files
from sinddm_plugin.krita.entries import action_file

NAME = "sinddm_krita"
ARCHIVE = f"{NAME}.zip"
SOURCES = {"sinddm_ui": ROOT / "ui", "sinddm_plugin": ROOT / "plugin"}
LEFT_OUT = {"desktop", "distant", "gimp", "Manual.html"}  # what Krita has no use for, there
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
        for name, data in package_files(folder, LEFT_OUT):
            found[f"{NAME}/packages/{package}/{name}"] = data
    return found


def write_archive(path: Path) -> None:
    """The archive, as one file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents().items():
            entry = zipfile.ZipInfo(name, MADE)
            entry.external_attr = (0o40755 << 16 | 0x10) if name.endswith("/") else 0o100644 << 16
            entry.compress_type = zipfile.ZIP_STORED if name.endswith("/") else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
