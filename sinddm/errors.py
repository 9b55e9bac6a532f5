"""What can go wrong by no fault of the program, told in one sentence that says what to do."""


class InputError(ValueError):
    """The input cannot be used as it is. The message is one sentence for the artist: what is wrong, what to do."""


class Cancelled(Exception):  # noqa: N818 - a request that was honoured, not an error
    """Raised by a step callback to stop the work; nothing is written."""


class Paused(Exception):  # noqa: N818 - likewise
    """Raised by a step callback to stop learning for now; what has been learned is kept."""
