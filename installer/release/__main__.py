"""`python -m sinddm_installer.release`: make the files of a release. make release makes the programs before."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sinddm_installer.fixed import write_zip
from sinddm_installer.gimp import NAME as GIMP
from sinddm_installer.gimp import contents as of_gimp
from sinddm_installer.krita_archive import NAME as KRITA
from sinddm_installer.krita_archive import contents as of_krita
from sinddm_installer.release import packages, programs
from sinddm_installer.release.sums import write_sums
from sinddm_plugin.client.version import VERSION

from sinddm.errors import InputError


def main(words: list[str] | None = None) -> int:
    """The command. Returns its exit code."""
    asked = _parser().parse_args(words)
    try:
        release(asked.out.absolute(), asked.bundle, asked.installer)
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def release(out: Path, bundle: Path | None = None, installer: Path | None = None) -> None:
    """Make all files, in a folder that holds nothing else afterwards. bundle: PyInstaller's folder. installer: its
    program. Raises InputError."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        made = [wheel := packages.wheel(out), packages.sdist(out)]
        made.append(write_zip(out / f"{KRITA}-{VERSION}.zip", of_krita(wheel)))
        in_folder = {f"{GIMP}/{name}": data for name, data in of_gimp(wheel).items()}
        made.append(write_zip(out / f"{GIMP}_gimp-{VERSION}.zip", in_folder))
        if bundle:
            made.append(programs.pack(bundle, out))
        if installer:
            made.append(programs.take(installer, out))
        made.append(write_sums(out, made))
        for path in set(out.iterdir()) - set(made):
            path.unlink()
    except OSError as error:
        raise InputError(f"The release could not be made in {out} ({error.strerror}): make room there.") from error
    for path in made:
        print(f"{path.stat().st_size / 1e6:8.1f} MB  {path.name}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sinddm_installer.release", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("dist/release"), help="where to (default: dist/release)")
    parser.add_argument("--bundle", type=Path, help="the bundle's folder, which make bundle makes")
    parser.add_argument("--installer", type=Path, help="the installer's program, which make installer makes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
