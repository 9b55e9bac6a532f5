"""`sinddm textures`: the library of textures."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from sinddm.errors import InputError
from sinddm.library import Entry, Library


def run(args: argparse.Namespace) -> int:
    """Do one action on the library."""
    library = Library()
    if args.action == "list":
        _list(library, args.json)
    elif args.action == "show":
        _show(library.show(args.name), args.json)
    elif args.action == "rename":
        library.rename(args.name, args.new)
    elif args.action == "delete":
        library.delete(args.name)
    elif args.action == "export":
        print(f"Wrote {library.export(args.name, Path(args.file))}.")
    elif args.action == "import":
        print(f"The library now has {library.add(Path(args.file), args.name)}.")
    return 0


def _list(library: Library, as_json: bool) -> None:
    entries, damaged = [], []
    for name in library.names():
        try:
            entries.append(library.show(name))
        except InputError as error:
            damaged.append(str(error))
    if as_json:
        print(json.dumps([_facts(entry) for entry in entries]))
    elif entries:
        _print_table(entries)
    elif not damaged:
        print("The library is empty: sinddm learn PICTURE --name NAME puts a texture there.")
    for sentence in damaged:
        print(sentence, file=sys.stderr)


def _print_table(entries: list[Entry]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table()
    table.add_column("name", overflow="fold")
    for column in ("picture", "network", "saved", "MB"):
        table.add_column(column, no_wrap=True, justify="right" if column == "MB" else "left")
    for entry in entries:
        facts = _facts(entry)
        network = f"{facts['seconds']:.0f} s, {facts['preset']}" if facts["preset"] else "-"
        size, when = f"{facts['width']}x{facts['height']}", facts["saved"].replace("T", " ")[:16]
        table.add_row(entry.name, size, network, when, f"{entry.bytes / 1e6:.1f}")
    # names are no markup
    Console(width=None if sys.stdout.isatty() else 120, markup=False, emoji=False, highlight=False).print(table)


def _show(entry: Entry, as_json: bool) -> None:
    facts = _facts(entry)
    if as_json:
        print(json.dumps(facts))
        return
    for name, value in facts.items():
        if value not in (None, []):
            print(f"{name}: {', '.join(value) if isinstance(value, list) else value}")


def _facts(entry: Entry) -> dict[str, Any]:
    """What there is to say of a texture, in plain values."""
    about, trained = entry.about, entry.about["trained"] or {}
    figures = trained.get("figures", {})
    return {
        "name": entry.name,
        "sources": about["sources"],
        "width": about["size"][1],
        "height": about["size"][0],
        "depth": about["format"]["dtype"],
        "saved": about["saved"],
        "preset": trained.get("recipe", {}).get("name"),
        "parameters": trained.get("parameters"),
        "seed": trained.get("seed"),
        "steps": figures.get("steps"),
        "seconds": figures.get("seconds"),
        "loss": figures.get("loss"),
        "bytes": entry.bytes,
    }
