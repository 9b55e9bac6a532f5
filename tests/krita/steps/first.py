"""A first start, for the profile that the tests' Kritas begin with."""

from sinddm_probe.tools import window


def first_start():
    """Wait until all is there."""
    yield lambda: window() is not None
    yield 0.5
    return True
