"""Where the installer's program starts."""

import sys

from sinddm_installer.cli import main

sys.exit(main())
