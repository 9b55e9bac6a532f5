"""Where the bundle starts: the command `sinddm`, or its window when nothing is asked for, as after a double click."""

import sys

from sinddm.cli import main

sys.exit(main(sys.argv[1:] or ["app"]))
