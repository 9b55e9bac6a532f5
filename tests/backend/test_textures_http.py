"""The library over HTTP: bytes come and go, names are checked, nothing else is touched."""

import numpy as np
import pytest
from backends import Backend, until
from layers import layer
from raw import container, header, post
from sinddm_plugin import client as c


@pytest.fixture(scope="module")
def learned(backend: Backend) -> str:
    """A texture of the library."""
    client = backend.client
    name = client.wait(client.submit(c.Learn(source=[layer()], name="Wiese", steps=1)).id).texture
    assert name
    return name


NAMES = ["Moos & Stein", "苔", "50%", "--help", "a'b \"c", "#1?x=y", "[bold]", "+ + +", "🎨"]


@pytest.mark.parametrize("name", [name for name in NAMES if '"' not in name and "?" not in name])
def test_a_texture_goes_out_and_comes_in_again_byte_for_byte(backend: Backend, learned, tmp_path, name):
    client, file = backend.client, tmp_path / "einer.safetensors"
    client.export_texture(learned, file)
    entry = client.import_texture(file, name)
    assert entry.name == name
    assert (entry.width, entry.height) == (72, 54)
    again = tmp_path / "zweiter.safetensors"
    client.export_texture(name, again)
    assert again.read_bytes() == file.read_bytes()
    assert client.thumbnail(name).width == 72
    renamed = client.rename_texture(name, f"{name} 2")
    assert renamed.name == f"{name} 2"
    client.delete_texture(renamed.name)
    assert [texture.name for texture in client.textures()] == [learned]


@pytest.mark.parametrize("name", ["a/b", "..", ".x", "con", "x.safetensors", " x", 'a"b', "x?", "x" * 101, "\n"])
def test_a_name_that_cannot_be_is_refused_in_a_sentence(backend: Backend, learned, tmp_path, name):
    client, file = backend.client, tmp_path / "einer.safetensors"
    client.export_texture(learned, file)
    for attempt in (lambda: client.import_texture(file, name), lambda: client.rename_texture(learned, name)):
        with pytest.raises(c.Refused) as told:
            attempt()
        assert told.value.status == 422
    assert [texture.name for texture in client.textures()] == [learned]


def test_a_name_that_is_taken_is_refused(backend: Backend, learned, tmp_path):
    client, file = backend.client, tmp_path / "einer.safetensors"
    client.export_texture(learned, file)
    before = (backend.library / f"{learned}.safetensors").read_bytes()
    for attempt in (lambda: client.import_texture(file, learned), lambda: client.rename_texture(learned, learned)):
        with pytest.raises(c.Refused, match="already a texture called") as told:
            attempt()
        assert told.value.status == 409
    assert (backend.library / f"{learned}.safetensors").read_bytes() == before


def test_what_is_no_texture_does_not_come_in(backend: Backend, learned, tmp_path):
    client, file = backend.client, tmp_path / "einer.safetensors"
    client.export_texture(learned, file)
    good = file.read_bytes()
    middle = len(good) // 2
    for bad in (
        b"",
        b"no texture",
        container(header()),
        good[:middle],
        good + b"x",
        good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :],
    ):
        status, told = post(backend, bad, "/textures?name=bad")
        assert status == 422
        assert told["error"].endswith(".")
        assert str(backend.state) not in told["error"]
    assert [texture.name for texture in client.textures()] == [learned]
    uploads = backend.state / "uploads"
    assert not uploads.exists() or list(uploads.iterdir()) == []


def test_a_texture_that_is_gone_fails_the_job_that_waits_for_it(backend: Backend, learned, tmp_path):
    client, file = backend.client, tmp_path / "einer.safetensors"
    client.export_texture(learned, file)
    client.import_texture(file, "Soon gone")
    running = client.submit(c.Generate(source=[layer()], width=3000, height=3000))
    waiting = client.submit(c.Generate(source="Soon gone", quality="draft"))
    until(lambda: client.job(running.id).state == "running")
    client.delete_texture("Soon gone")
    client.cancel(running.id)
    with pytest.raises(c.JobFailed, match="no texture called 'Soon gone'"):
        client.wait(waiting.id)


def test_a_texture_that_is_not_there_is_not_found(backend: Backend):
    for method, path in (("GET", ""), ("GET", "/file"), ("GET", "/thumbnail"), ("DELETE", ""), ("POST", "/rename")):
        assert backend.ask(method, f"/textures/nothing{path}", b'{"name": "x"}' if method == "POST" else None)[0] == 404


def test_a_thumbnail_looks_like_what_was_learned(backend: Backend, learned):
    small = backend.client.thumbnail(learned)
    found = np.frombuffer(memoryview(small.data), np.uint8).reshape(small.height, small.width, 3)
    given = np.frombuffer(memoryview(layer().data), np.uint8).reshape(54, 72, 4)[..., :3]
    assert np.abs(found.astype(int) - given).mean() < 2
