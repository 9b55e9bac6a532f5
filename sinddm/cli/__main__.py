"""`python -m sinddm.cli` is the command `sinddm`."""

import sys

from sinddm.cli import main

if __name__ == "__main__":
    sys.exit(main())
