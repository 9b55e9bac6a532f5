"""What was typed as texts: several with a semicolon between them, each with a weight behind a colon if it has one."""

from __future__ import annotations

import re

from sinddm_plugin.client import Prompt
from sinddm_ui.host import HostError

WEIGHTED = re.compile(r"(.*\S)\s*:\s*(\d+(?:[.,]\d+)?)\s*", re.DOTALL)
MOST = 16
MOST_WEIGHT = 10.0
LONGEST = 300  # characters of one


def read(wanted: str, avoided: str) -> tuple[Prompt, ...]:
    """Both lines as the backend has them; what is to be avoided counts below 0. Raises HostError with what to do."""
    towards = _read(wanted)
    if not towards:
        raise HostError("There is no text: say in a few words what it is to become.")
    found = (*towards, *(Prompt(one.words, -one.weight) for one in _read(avoided)))
    if len(found) > MOST:
        raise HostError(f"There are {len(found)} texts: use at most {MOST}.")
    return found


def _read(line: str) -> list[Prompt]:
    found = []
    for part in line.split(";"):
        words = " ".join(part.split())
        match = WEIGHTED.fullmatch(words)
        words, weight = (match[1], float(match[2].replace(",", "."))) if match else (words, 1.0)
        if not words:
            continue
        if len(words) > LONGEST:
            raise HostError(f"A text has {len(words)} characters: use at most {LONGEST}.")
        if not 0 < weight <= MOST_WEIGHT:
            raise HostError(f"The weight of a text goes up to {MOST_WEIGHT:.0f}, and is more than 0: change it.")
        found.append(Prompt(words, weight))
    return found
