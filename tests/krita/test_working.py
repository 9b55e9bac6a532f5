"""The plugin at work in a real Krita: its layers are right to the bit, one undo takes them away, nothing of the
artist's changes. The steps themselves are in steps/working.py."""

import time

import numpy as np
import pytest
from krita_app import steps_of
from sinddm_plugin.client import Generate, Picture

STEPS = "working.py"


@pytest.fixture
def artist(launched):
    return launched(STEPS)


@pytest.mark.parametrize("step", steps_of(STEPS))
def test_an_artist_works(artist, step):
    artist[step]


def test_a_texture_that_was_learned_by_a_right_click_is_in_the_library(artist):
    assert "Reeds" in artist["a_right_click_learns_a_texture"]
    assert "Reeds" in artist["the_menu_offers_the_library"]


def test_variations_are_the_engines_own_for_their_seeds(artist, backend):
    job, seed = artist["variations_go_in_as_one_step"]
    client = backend.client
    source = Picture((artist.folder / "source.bin").read_bytes(), 96, 64, "bgra")
    wish = Generate(source=[source], width=96, height=64, count=3, seed=seed, quality="draft")
    again = client.wait(client.submit(wish).id)
    for index in range(3):
        layer = artist.array(f"variation-{index}.bin", np.uint8, 64, 96, 4)
        for id in (job, again.id):
            made = np.frombuffer(bytes(client.result(id, index).picture.data), np.uint8).reshape(64, 96, 4)
            assert np.array_equal(layer, made)


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("generate", "The layer Nothing is empty: choose one with something on it."),
        ("fill", "The layer Nothing is empty: choose one with something on it."),
        ("harmonize", "The layer Nothing is empty: choose one with something on it."),
        ("learn", "The layer Nothing is empty: choose one with something on it."),
        ("dot", "too small"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(artist, case, said):
    assert said in artist["what_cannot_be_done_is_said"][case]


def test_the_interface_stays_alive(artist):
    longest, ticks, waits, elsewhere = artist["krita_stays_alive_while_a_large_layer_is_worked_on"]
    assert ticks > 50
    assert longest < 0.1, f"it was held up for {longest:.3f} s"
    assert elsewhere, "nobody has talked to the backend"
    assert not waits, "it waited itself"


def test_a_backend_that_was_killed_is_told_of(artist):
    notice, error = artist["a_killed_backend_is_told_and_comes_back"]
    assert notice == "SinDDM stopped in the middle of its work and is being started again."
    assert "run it again" in error


def test_krita_closes_in_the_middle_of_a_job_which_is_cancelled(krita, backend):
    launch = krita.run("leaving.py")
    job = launch["a_long_job_runs"]  # asserts the exit code as well
    end = time.monotonic() + 30
    while (state := backend.client.job(job).state) not in ("cancelled", "done", "failed"):
        assert time.monotonic() < end, f"it is still {state}"
        time.sleep(0.1)
    assert state == "cancelled"


def test_two_kritas_share_one_backend(krita):
    both = [krita.start("sharing.py") for _ in range(2)]
    assert len({one["a_variation_is_made"] for one in both}) == 1
