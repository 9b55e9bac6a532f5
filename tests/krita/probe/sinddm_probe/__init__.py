"""Runs a test's steps inside Krita: a plugin of its own, which only the tests' profiles have."""

# pyright: reportMissingImports=false

import os

if os.environ.get("SINDDM_PROBE"):
    from . import running

    running.begin()
