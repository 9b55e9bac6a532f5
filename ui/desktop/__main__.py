"""`python -m sinddm_ui.desktop [PICTURE...]` is `sinddm app`."""

import sys

from sinddm_ui.desktop.app import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
