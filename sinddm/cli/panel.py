"""`sinddm panel`: the panel as the companion of an editor that has no Qt of its own; the editor's plug-in starts it."""

import argparse
import os

from sinddm.cli import display
from sinddm.errors import InputError

TOKEN = "SINDDM_PANEL_TOKEN"  # the variable; other users can read command lines


def run(args: argparse.Namespace) -> int:
    """Show the panel until the editor ends."""
    token = os.environ.pop(TOKEN, "")  # not for what this starts
    if not token:
        raise InputError("The panel is opened by GIMP: choose SinDDM panel in its Windows menu, or run sinddm app.")
    display.check()
    from sinddm_ui.distant.app import run
    from sinddm_ui.host import HostError

    try:
        return run(args.port, token)
    except HostError as error:
        raise InputError(str(error)) from error
