"""Text through the backend: jobs in words, what there is for them, and fetching a model as a job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from backends import Backend, until
from hub import Hub, hub
from layers import array, hole, layer
from safetensors.torch import save_file
from sinddm_plugin.client import Fetch, Generate, JobFailed, Prompt, TextContent, TextRegion, TextRestyle, TextStyle

from sinddm import Texture
from sinddm.text.models import DEFAULT, WEIGHTS
from sinddm.text.offers import USUAL_OFFER

RED = [Prompt("red", 1.0), Prompt("blue", -0.5)]
QUICK = {"prompts": RED, "quality": "draft", "seed": 3}


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Backend]:
    found = Backend(tmp_path_factory.mktemp("texts"), SINDDM_MODELS=str(models))
    yield found.start()
    found.end()


def test_each_task_in_words_makes_what_the_engine_makes(
    backend: Backend, models: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SINDDM_MODELS", str(models))
    meadow, other = layer(), layer(seed=2)
    client, texture = backend.client, Texture.from_image(array(meadow), device="cpu")
    said = {"avoid": [("blue", 0.5)], "quality": "draft", "seed": 3}
    mask = np.frombuffer(hole().data, np.uint8).reshape(54, 72)
    made = {
        TextContent(source=[meadow], share=0.3, **QUICK): lambda: texture.text_content("red", share=0.3, **said),
        TextStyle(source=[meadow], width=64, height=48, **QUICK): lambda: texture.text_style(
            "red", size=(48, 64), **said
        ),
        TextRestyle(source=[meadow], picture=other, strength=1.0, **QUICK): lambda: texture.text_restyle(
            array(other), "red", strength=1.0, **said
        ),
        TextRegion(source=[meadow], picture=meadow, mask=hole(), **QUICK): lambda: texture.text_region(
            array(meadow), mask, "red", **said
        ),
    }
    for wish, engine in made.items():
        job = client.wait(client.submit(wish).id)
        assert np.array_equal(array(client.result(job.id, 0).picture), engine()[0])


def test_a_selection_can_be_cut_to_what_is_new(backend: Backend):
    client, meadow = backend.client, layer()
    job = client.wait(client.submit(TextRegion(source=[meadow], picture=meadow, mask=hole(), cut=True, **QUICK)).id)
    (one,) = job.results
    assert (one.x, one.y, one.width, one.height) == (24, 18, 24, 18)


def test_what_there_is_is_told(backend: Backend):
    told = backend.client.models()
    assert told.usable
    assert [one.name for one in told.there] == ["tiny/guide"]
    assert (told.offer.name, told.offer.bytes, told.offer.licence) == (DEFAULT, USUAL_OFFER.bytes, "MIT")
    assert told.offer.page == "https://huggingface.co/laion/CLIP-ViT-B-32-laion2B-s34B-b79K"


def test_a_model_that_is_not_there_is_told_in_words(backend: Backend):
    client = backend.client
    with pytest.raises(JobFailed, match="There is no model 'tiny/other' here"):
        client.wait(client.submit(TextStyle(source=[layer()], model="tiny/other", **QUICK)).id)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Hub]:
    """A hub with weights that are those of another architecture, as large as real ones' header is small."""
    path = tmp_path / WEIGHTS
    save_file({"text_projection": torch.zeros(1 << 20)}, path)
    with hub({f"{USUAL_OFFER.repository}/{WEIGHTS}": path}) as found:
        yield found


@pytest.fixture
def empty(make_backend, tmp_path: Path, server: Hub) -> Backend:
    """A backend that has no model yet, and fetches from the hub."""
    return make_backend(SINDDM_MODELS=str(tmp_path / "models"), HF_ENDPOINT=server.address).start()


def test_without_a_model_a_text_says_how_to_get_it(empty: Backend):
    client = empty.client
    assert not client.models().there
    with pytest.raises(JobFailed, match="get it in the panel under Text"):
        client.wait(client.submit(TextStyle(source=[layer()], **QUICK)).id)


def test_wrong_weights_are_told_and_leave_nothing(empty: Backend, server: Hub, tmp_path: Path):
    client = empty.client
    for _ in range(2):
        with pytest.raises(JobFailed, match="another architecture"):
            client.wait(client.submit(Fetch(model=DEFAULT)).id)
        assert not list((tmp_path / "models").rglob("*.safetensors"))
        assert not client.models().there


def test_fetching_is_cancelled_at_once(empty: Backend, server: Hub):
    client = empty.client
    server.failures = 1000  # it waits between its tries
    job = client.submit(Fetch(model=DEFAULT))
    until(lambda: client.job(job.id).state == "running")
    until(lambda: server.asked)
    client.cancel(job.id)
    until(lambda: client.job(job.id).state == "cancelled", 5)
    server.failures = 0
    made = client.wait(client.submit(Generate(source=[layer()], quality="draft")).id)
    assert made.state == "done"


def test_a_model_as_large_as_the_usual_one_is_fetched_and_used(empty: Backend, server: Hub, tmp_path: Path):
    import open_clip

    model = open_clip.create_model("ViT-B-32")
    save_file({name: one.contiguous() for name, one in model.state_dict().items()}, tmp_path / "real.safetensors")
    server.files = {f"{USUAL_OFFER.repository}/{WEIGHTS}": tmp_path / "real.safetensors"}
    client = empty.client
    job = client.submit(Fetch(model=DEFAULT))
    words = {now.words for now in client.follow(job.id)}
    assert client.job(job.id).state == "done", client.job(job.id).error
    assert any("MB" in one for one in words)
    assert [one.name for one in client.models().there] == [DEFAULT]
    assert client.wait(client.submit(TextStyle(source=[layer()], **QUICK)).id).results
