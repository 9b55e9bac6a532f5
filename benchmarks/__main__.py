"""All tables and sheets: quality, the tasks, harmonizing, speed.

    python -m benchmarks [FOLDER] [--out out/bench]

Each in a process of its own, so that none has the memory or the warm caches of another.
"""

import argparse
import subprocess
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", nargs="?", help="pictures to measure on (default: the project's own)")
    parser.add_argument("--out", type=Path, default=Path("out/bench"), help="where the sheets go")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    folder = [options.folder] if options.folder else []
    parts = {
        "quality": [*folder, "--out", str(options.out)],
        "harmonize": [*folder, "--sheet", str(options.out / "harmonize.png")],
        "speed": [],
    }
    codes = [
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *rest], check=False).returncode
        for name, rest in parts.items()
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
