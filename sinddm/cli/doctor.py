"""`sinddm doctor`: what is installed, what would run where, and whether the engine really runs."""

import argparse
import json
import sys
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sinddm import report
from sinddm.doctor import examine, words


def run(args: argparse.Namespace) -> int:
    """Print the report as a table or as JSON; 0 if the engine runs, 1 if it does not. Or write one that can be sent."""
    if args.report:
        return report.write(args.out)
    found = examine()
    if args.json:
        print(json.dumps(found, indent=2))
    else:
        _print(found)
    return 0 if found["engine"]["ok"] else 1


def _print(found: dict[str, Any]) -> None:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for section, values in found.items():
        table.add_row(f"[bold]{section}[/bold]", "", "")
        for name, value in values.items():
            table.add_row("", name, escape(words(value)))
    Console(width=None if sys.stdout.isatty() else 120, highlight=False).print(table)
