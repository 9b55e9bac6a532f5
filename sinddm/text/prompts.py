"""What a picture is to look like, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from sinddm.errors import InputError

LONGEST = 300  # characters; CLIP reads about 70 words
MOST = 16
MOST_WEIGHT = 10.0


class Prompt(NamedTuple):
    """Words, and how much they count; what is to be avoided counts below 0."""

    words: str
    weight: float = 1.0


PromptsLike = str | Sequence["str | tuple[str, float]"]
"""One prompt, or several, each alone or with its weight."""


def prompts(wanted: PromptsLike, avoided: PromptsLike = ()) -> tuple[Prompt, ...]:
    """What is wanted and what is not, checked. Raises InputError for what cannot be understood."""
    towards = _checked(wanted)
    if not towards:
        raise InputError("There is no text: say in a few words what the picture is to become.")
    found = (*towards, *(one._replace(weight=-one.weight) for one in _checked(avoided)))
    if len(found) > MOST:
        raise InputError(f"There are {len(found)} texts: use at most {MOST}.")
    return found


def _checked(given: PromptsLike) -> list[Prompt]:
    single = [given] if isinstance(given, str) else given
    found = [Prompt(one) if isinstance(one, str) else Prompt(*one) for one in single]
    kept = [Prompt(" ".join(one.words.split()), float(one.weight)) for one in found]
    for words, weight in kept:
        if len(words) > LONGEST:
            raise InputError(f"A text has {len(words)} characters: use at most {LONGEST}.")
        if not (0 < weight <= MOST_WEIGHT and math.isfinite(weight)):
            raise InputError(
                f"A text's weight goes from above 0 to {MOST_WEIGHT:.0f}, not {weight}: choose one between."
            )
    return [one for one in kept if one.words]
