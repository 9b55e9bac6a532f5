"""The archive that Krita imports (Tools > Scripts > Import Python Plugin), made of this SinDDM."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from sinddm_installer.folders import package_files
from sinddm_plugin.krita.entries import action_file

NAME = "sinddm_krita"
ARCHIVE = f"{NAME}.zip"
PACKAGES = ("sinddm_ui", "sinddm_plugin")
MANUAL = "krita/Manual.html"
LEFT_OUT = {"desktop", "distant", "gimp", "Manual.html"}  # what Krita has no use for, there

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


def contents(wheel: Path) -> dict[str, bytes]:
    """What the archive holds, by name; names that end in / are folders. wheel: SinDDM's own, from which the plugin can
    set it up."""
    found = {
        f"{NAME}.desktop": DESKTOP.encode(),
        f"{NAME}.action": action_file().encode(),
        f"{NAME}/": b"",  # Krita looks for the entry of the folder itself
        f"{NAME}/__init__.py": INIT.encode(),
        f"{NAME}/Manual.html": files("sinddm_plugin").joinpath(MANUAL).read_bytes(),
        f"{NAME}/packages/{wheel.name}": wheel.read_bytes(),
    }
    for package in PACKAGES:
        for name, data in package_files(package, LEFT_OUT):
            found[f"{NAME}/packages/{package}/{name}"] = data
    return found
