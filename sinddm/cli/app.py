"""`sinddm app`: the panel in a window of its own."""

import argparse

from sinddm.cli import display


def run(args: argparse.Namespace) -> int:
    """Show the window until it is closed."""
    display.check()
    from sinddm_ui.desktop.app import run

    return run(args.pictures)
