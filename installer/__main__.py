"""`python -m sinddm_installer`: what brings SinDDM into an editor."""

from __future__ import annotations

import sys

from sinddm_installer.cli import main

if __name__ == "__main__":
    sys.exit(main())
