"""A GIMP 3 with the plug-in in a profile made anew, for trying: python tests/gimp/trying.py FOLDER

Nothing of the user's own GIMP is touched. Where this system has no GIMP 3, one is made in the cache, which needs root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import gimp_places

GIMPRC = '(config-version "3.0.4")\n(check-updates no)\n(show-welcome-dialog no)\n'


def main(folder: Path) -> int:
    """Show it until it is closed. Returns the exit code."""
    if why := gimp_places.missing():
        print(why, file=sys.stderr)
        return 2
    if not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")):
        print("GIMP needs a display, and there is none here: run it in a desktop session.", file=sys.stderr)
        return 2
    gimp_places.prepare()
    shutil.rmtree(folder, ignore_errors=True)
    profile = folder / "profile"
    profile.mkdir(parents=True)
    (profile / "gimprc").write_text(GIMPRC)
    variables = {**os.environ, "GIMP3_DIRECTORY": str(profile), "SINDDM_BACKEND": gimp_places.backend_command()}
    installing = [sys.executable, "-m", "sinddm_installer", "gimp", "install", "--plug-ins", str(profile / "plug-ins")]
    own = {**variables, "SINDDM_DATA": str(folder / "data")}  # where it writes down which SinDDM this is
    subprocess.run(installing, check=True, cwd=gimp_places.ROOT, env=own)
    command = gimp_places.command(gimp_places.program(), "--new-instance", folders=(gimp_places.ROOT, folder))
    return subprocess.run(command, env=variables, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
