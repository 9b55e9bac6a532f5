"""`sinddm doctor --report`: all that helps to find a fault, as plain text to be sent, with nothing private in it."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path

from sinddm import doctor
from sinddm.atomic import write_whole
from sinddm.backend import logs, places
from sinddm.library import Library
from sinddm.private import scrubber

LINES = 200  # of the log
LONGEST_LINE = 1000  # characters
START_OF_LINE = re.compile(r"\d{4}-\d\d-\d\d [\d:,]+ [A-Z]+ [\w.]+: ")  # logs.FORMAT
INTRODUCTION = (
    "Report of sinddm doctor. Folders, names and tokens were taken out where they were recognised: look through it "
    "before you send it."
)


def write(out: str | None) -> int:
    """Write the report to a file, or print it. Raises InputError where that fails."""
    text = report()
    if out is None:
        encoding = sys.stdout.encoding or "utf-8"
        print(text.encode(encoding, "replace").decode(encoding), end="")
    else:
        write_whole(Path(out), lambda unfinished: unfinished.write_text(text, encoding="utf-8"))
        print(f"Wrote {out}: look through it before you send it.")
    return 0


def report() -> str:
    """The report. It tells every failure and raises none."""
    folder = places.state_path()
    secrets = _secrets(folder)
    clean, lines = scrubber(secrets=secrets), [INTRODUCTION]
    for section, values in doctor.examine().items():
        told = {name: clean(" ".join(doctor.words(value).split())) for name, value in values.items()}
        lines += ["", section, *(f"  {name}: {value[:LONGEST_LINE]}" for name, value in told.items())]
    clean = scrubber([*Library().names(), *_names_of_jobs(folder / places.HISTORY)], secrets)
    log = logs.tail(folder, LINES)
    lines += ["", f"log, the last {len(log)} lines" if log else "log: empty"]
    for line in log:
        start = START_OF_LINE.match(line)
        end = start.end() if start else 0
        lines.append(f"  {line[:end]}{clean(line[end:])[:LONGEST_LINE]}".rstrip())
    return "\n".join(lines).encode(errors="backslashreplace").decode() + "\n"


def _secrets(folder: Path) -> list[str]:
    """What is not to be known of the backend."""
    try:
        told = json.loads((folder / places.CONTACT).read_bytes())
        return [str(told[name]) for name in ("token", "port") if told.get(name)]
    except (OSError, ValueError, AttributeError):
        return []


def _names_of_jobs(history: Path) -> set[str]:
    """The names of layers and textures that jobs had, those of textures that were deleted since among them."""
    found: set[str] = set()
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{history.absolute().as_uri()}?mode=ro", uri=True)) as base:
        for (text,) in base.execute("SELECT job FROM jobs"):
            with suppress(ValueError, KeyError, TypeError, AttributeError):
                job = json.loads(text)
                asked = job["request"]
                names = (job.get("texture"), asked.get("title"), asked.get("name"), asked["source"].get("texture"))
                found |= {str(name) for name in names if name}
    return found
