"""`sinddm serve`, `status` and `stop`: the local backend of the editors' plugins."""

import argparse
import json
import time

from sinddm.backend import contact, places
from sinddm.errors import InputError

STOPS_WITHIN = 15.0  # seconds


def serve(args: argparse.Namespace) -> int:
    """Serve until it is stopped or idle; 0 also where another backend serves already."""
    from sinddm.backend.serving import serve

    other = serve(args.port, args.device, int(args.budget * 2**30), args.idle * 60)
    if other:
        print(other)
    return 0


def status(args: argparse.Namespace) -> int:
    """Say whether a backend runs, and what it does; 1 if none does."""
    found = contact.alive(places.state_folder())
    if args.json:
        print(json.dumps(found))
    elif found is None:
        print("No backend runs: the plugin starts one when it needs it, or sinddm serve does.")
    else:
        doing = f"{found['jobs']} jobs run or wait" if found["busy"] else "nothing to do"
        print(f"The backend runs as process {found['pid']}, version {found['version']}: {doing}.")
    return 0 if found else 1


def stop(args: argparse.Namespace) -> int:
    """End the backend, and wait until it has ended."""
    folder = places.state_folder()
    answered = contact.ask(folder, "POST", "/stop", {"only_idle": not args.now}) if contact.alive(folder) else None
    if answered is None:
        print("No backend runs.")
        return 0
    code, told = answered
    if code == 409:
        raise InputError(f"{told['error'].rstrip('.')}, or use --now.")
    until = time.monotonic() + STOPS_WITHIN
    while contact.alive(folder) is not None:
        if code != 202 or time.monotonic() > until:
            raise InputError("The backend does not stop: end its process, sinddm status tells which.")
        time.sleep(0.05)
    print("The backend has stopped.")
    return 0


def worker(args: argparse.Namespace) -> int:
    """What the backend starts for itself."""
    from sinddm.backend.worker import main

    return main(args.device)
