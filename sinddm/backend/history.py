"""The jobs on disk: what was asked for and how it ended, so that a restart forgets nothing."""

from __future__ import annotations

import json
import logging
import sqlite3
from dataclasses import asdict, fields
from pathlib import Path

from sinddm.backend.jobs import Job, Result

log = logging.getLogger("sinddm.history")
VERSION = 1


class History:
    """A table of jobs in SQLite. What cannot be written is logged: a full disk must not stop the jobs at hand."""

    def __init__(self, path: Path):
        self._base = _open(path)

    def load(self) -> list[Job]:
        """All jobs, the oldest first; rows that cannot be read are left out."""
        jobs, known = [], {one.name for one in fields(Job)}
        for (text,) in self._base.execute("SELECT job FROM jobs ORDER BY created"):
            try:
                values = {name: value for name, value in json.loads(text).items() if name in known}
                values["results"] = [Result(**one) for one in values["results"]]
                jobs.append(Job(**values))
            except (ValueError, TypeError, KeyError):
                log.warning("a job of the history cannot be read and is left out")
        return jobs

    def save(self, job: Job) -> None:
        """Write the job as it is now."""
        values = asdict(job) | {"results": [result.model_dump() for result in job.results]}
        self._write("INSERT OR REPLACE INTO jobs VALUES (?, ?, ?)", (job.id, job.created, json.dumps(values)))

    def forget(self, job: Job) -> None:
        """Remove the job."""
        self._write("DELETE FROM jobs WHERE id = ?", (job.id,))

    def close(self) -> None:
        """Finish writing."""
        self._base.close()

    def _write(self, statement: str, values: tuple) -> None:
        try:
            with self._base:
                self._base.execute(statement, values)
        except sqlite3.Error as error:
            log.warning("the history cannot be written (%s)", error)


def _open(path: Path) -> sqlite3.Connection:
    """The database; a damaged one is put aside, and without a disk to write to the history lasts as long as this."""
    for attempt in (path, path, ":memory:"):
        try:
            return _connected(attempt)
        except sqlite3.DatabaseError as error:
            log.warning("the history cannot be opened (%s)", error)
            if isinstance(attempt, Path) and not isinstance(error, sqlite3.OperationalError):
                attempt.replace(attempt.with_suffix(".damaged"))
    raise AssertionError("a database in memory can always be opened")


def _connected(path: Path | str) -> sqlite3.Connection:
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("PRAGMA synchronous = NORMAL")  # whole after a crash, without waiting for the disk at every change
    (version,) = base.execute("PRAGMA user_version").fetchone()
    if version not in (0, VERSION):
        base.close()
        raise sqlite3.DatabaseError(f"it is of version {version}")
    base.execute("CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, created REAL, job TEXT)")
    base.execute(f"PRAGMA user_version = {VERSION}")
    return base
