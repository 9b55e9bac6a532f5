"""The harness sees what happens inside Krita, and what goes wrong there fails here."""

import numpy as np
import pytest


@pytest.fixture
def inside(launched):
    return launched("harness.py")


def test_a_document_is_opened(inside):
    assert inside["opens_a_document"][:1].isdigit()
    assert inside.array("meadow.bin", np.uint8, 64, 96, 4)[..., :3].std() > 10


def test_a_layers_menu_is_opened_by_the_mouse(inside):
    assert any("Properties" in text for text in inside["the_menu_of_a_layer_opens"])


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("an_assertion_fails", "there is a window"),
        ("an_exception_in_a_slot_fails", "ZeroDivisionError"),
        ("what_does_not_happen_fails", "it did not happen"),
    ],
)
def test_what_goes_wrong_inside_fails(inside, step, said):
    with pytest.raises(AssertionError, match=said):
        inside[step]


def test_each_step_begins_without_documents(inside):
    assert inside["documents_of_before_are_closed"] == 0


def test_a_step_that_is_not_there_fails(inside):
    with pytest.raises(AssertionError, match="did not run"):
        inside["no_such_step"]
