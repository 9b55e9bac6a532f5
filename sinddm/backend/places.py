"""Where the backend keeps what must outlive it: the state folder, and the names of what is in it."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from sinddm.errors import InputError

CONTACT = "backend.json"  # port, token, pid, version and protocol of the backend, readable by its user alone
LOCK = "backend.lock"  # held by the one backend there is
HISTORY = "history.sqlite"  # the jobs
JOBS = "jobs"  # a folder for what they need and make
LOG = "log"  # a folder, see logs


def state_path() -> Path:
    """The state folder, there or not: SINDDM_STATE, or where programs keep their state on this system."""
    wanted = os.environ.get("SINDDM_STATE")
    return Path(wanted).absolute() if wanted else platformdirs.user_state_path("sinddm", appauthor=False)


def state_folder() -> Path:
    """The state folder, made for its user alone if it is not there. Raises InputError where that fails."""
    folder = state_path()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        reason = "it is a file" if isinstance(error, FileExistsError) else error.strerror
        raise InputError(
            f"The folder {folder} cannot be made ({reason}): set SINDDM_STATE to one that you may write to."
        ) from error
    return folder
