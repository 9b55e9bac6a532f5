"""Recipes for learning that are small enough for tests."""

from dataclasses import replace

from sinddm.training.recipe import PRESETS

OURS = replace(PRESETS["fast"], name="quick", width=16, batch=4, coarsest=34, scales=2, finest=0.0)
PUBLISHED = replace(PRESETS["paper"], name="slow", width=16, batch=4, coarsest=24, scales=None)
