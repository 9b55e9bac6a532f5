"""Krita's layers are read and added as they are, whatever their kind. The checks themselves are in steps/."""

import pytest
from krita_app import steps_of


@pytest.mark.parametrize("step", steps_of("layers.py"))
def test_layers_are_read(launched, step):
    launched("layers.py")[step]


@pytest.mark.parametrize("step", steps_of("inserting.py"))
def test_results_are_added(launched, step):
    launched("inserting.py")[step]
