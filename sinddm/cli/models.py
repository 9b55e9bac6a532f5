"""`sinddm models`: what connects words with pictures, which is fetched when the artist agrees."""

import argparse
import json
import sys
from pathlib import Path

from sinddm.cli.progress import bar, interruptible
from sinddm.errors import Cancelled, InputError
from sinddm.text import models


def run(args: argparse.Namespace) -> int:
    """Do one action on the models."""
    if args.action == "list":
        _list(args.json)
    elif args.action == "remove":
        models.remove(args.name)
    elif args.action == "add":
        from sinddm.text.adding import add

        print(f"Text can now use {add(Path(args.file), args.name).name}.")
    else:
        _get(args)
    return 0


def _list(as_json: bool) -> None:
    from sinddm.text import offers

    models.check_installed()
    there = models.installed()
    others = [offers.offer(name) for name in offers.USUAL if name not in [one.name for one in there]]
    if as_json:
        have = [{"name": one.name, "megabytes": round(one.bytes / 1e6)} for one in there]
        more = [{"name": o.name, "megabytes": o.megabytes, "page": o.page, "licence": o.licence} for o in others]
        print(json.dumps({"there": have, "to_get": more}))
        return
    for one in there:
        print(f"{one.name}  {one.bytes / 1e6:.0f} MB, here")
    for one in others:
        print(f"{one.name}  {one.megabytes} MB, can be fetched from {one.page}, licence: {one.licence}")


def _get(args: argparse.Namespace) -> None:
    from sinddm.text import offers
    from sinddm.text.fetching import fetch

    wanted = offers.offer(args.name or models.DEFAULT)
    if any(one.name == wanted.name for one in models.installed()):
        print(f"{wanted.name} is here already.")
        return
    print(f"{wanted.name}: about {wanted.megabytes} MB from {wanted.page}, licence: {wanted.licence}.")
    print("It is kept on this computer and used without a network. Nothing of your pictures is sent.")
    if not args.yes and not _agreed():
        raise Cancelled
    with bar(args.quiet) as report:
        interruptible(lambda check: fetch(wanted.name, report, check))
    print(f"Text can now use {wanted.name}.")


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise InputError("Nobody is there to agree to it: add --yes if it is to be fetched.")
    return input("Fetch it? [y/N] ").strip().lower() in ("y", "yes")
