"""The client and the real backend: started by the one that needs it, and found again whatever happens to it."""

import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from backends import Backend, until
from layers import array, hole, layer
from sinddm_plugin.client import Client, Fill, Generate, Learn, Refused, Unreachable
from sinddm_plugin.client.starting import living

# ends by itself when nobody needs it, which a test that was killed cannot see to; the `serve` that comes last is unused
SERVE = "import sys; from sinddm.cli import main; sys.exit(main(['serve', '--idle', '3']))"
SMALL = {"quality": "draft", "seed": 3}


@pytest.fixture
def state(tmp_path, monkeypatch) -> Iterator[Path]:
    """A state folder of this test's, where no backend runs but one can be started."""
    folder = tmp_path / "Zu Stand"
    monkeypatch.setenv("SINDDM_STATE", str(folder))
    monkeypatch.setenv("SINDDM_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setenv("SINDDM_BACKEND", shlex.join([sys.executable, "-c", SERVE]))
    yield folder
    if found := living():
        Client(found.address).stop()
        until(lambda: living() is None)


def test_many_clients_at_once_start_one_backend(state):
    with ThreadPoolExecutor(6) as pool:
        clients = list(pool.map(lambda _: Client.connect(), range(6)))
    found = living()
    assert found
    assert {client.health().version for client in clients} == {found.health.version}
    assert {client._address for client in clients} == {found.address}


def test_a_backend_that_was_killed_is_started_anew_and_all_go_on_with_it(state):
    client, other = Client.connect(), Client.connect()
    heard: list[frozenset[str] | None] = []
    with client.follow_all() as following:
        thread = threading.Thread(target=lambda: heard.extend(one.ids for one in following), daemon=True)
        thread.start()
        until(lambda: heard)
        old = living()
        assert old
        os.kill(old.address.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        until(lambda: living() is None)
        with pytest.raises(Unreachable):
            client.jobs()
        before = len(heard)
        Client.connect()
        assert client.jobs() == other.jobs() == ()
        until(lambda: len(heard) > before)
        following.close()
        thread.join(60)
        assert not thread.is_alive()


def test_a_backend_that_was_stopped_is_started_anew(state):
    first = Client.connect()
    first.stop(only_idle=True)
    second = Client.connect()
    assert first.health() == second.health()


def test_layers_of_sixteen_bits_go_through_it(backend: Backend):
    one, mask = layer(layout="bgra", depth="U16", linear=True), hole()
    source = layer(layout="bgra", depth="U16", linear=True, without=mask)
    client = backend.client
    job = client.submit(Fill(source=[source], picture=one, mask=mask, title="Öl", client="tests", count=2, **SMALL))
    assert (job.state, job.title, job.client) == ("queued", "Öl", "tests")
    seen = list(client.follow(job.id))
    assert [one.over for one in seen] == [False] * (len(seen) - 1) + [True]
    done = seen[-1]
    assert [(one.index, one.seed, one.width, one.height) for one in done.results] == [(0, 3, 72, 54), (1, 4, 72, 54)]
    result = client.result(done.id, 1)
    assert (result.task, result.seed, result.picture.linear, result.picture.depth) == ("fill", 4, True, "U16")
    assert (array(result.picture)[:5] == array(one)[:5]).all()
    until(lambda: client.job(job.id).results[1].fetched)
    client.forget(job.id)
    assert job.id not in {other.id for other in client.jobs()}
    with pytest.raises(Refused) as refused:
        client.result(job.id, 1)
    assert refused.value.status == 404


def test_what_is_refused_is_told_in_a_sentence(backend: Backend):
    client = backend.client
    calls: list[Callable[[], object]] = [
        lambda: client.submit(Generate(source="No such texture")),
        lambda: client.submit(Generate(source=[layer()], width=1, height=1)),
        lambda: client.submit(Generate(source=[layer()], count=1000)),
        lambda: client.job("0" * 16),
        lambda: client.job("../health"),
        lambda: client.rename_texture("No such texture", "b"),
        lambda: next(client.follow("0" * 16)),
    ]
    for call in calls:
        with pytest.raises(Refused, match=r"^\S[^\n]{15,400}\.$") as refused:
            call()
        assert 400 <= refused.value.status < 500


def test_a_texture_is_learned_given_away_and_taken_in(backend: Backend, tmp_path):
    client, path = backend.client, tmp_path / "Öl & Kreide.safetensors"
    done = client.wait(client.submit(Learn(source=[layer()], name="Öl 50%", steps=2)).id)
    assert done.texture == "Öl 50%"
    (texture,) = client.textures()
    assert (texture.name, texture.width, texture.height, texture.bytes > 1000) == ("Öl 50%", 72, 54, True)
    assert texture.learned_seconds is not None
    assert client.rename_texture("Öl 50%", "苔 a+b").name == "苔 a+b"
    small = client.thumbnail("苔 a+b")
    assert (small.layout, small.depth) == ("rgb", "U8")
    client.export_texture("苔 a+b", path)
    assert path.stat().st_size == texture.bytes
    with pytest.raises(Refused, match="already") as taken:
        client.import_texture(path, "苔 a+b")
    assert taken.value.status == 409
    client.delete_texture("苔 a+b")
    assert client.textures() == ()
    assert client.import_texture(path, "zurück").width == 72
    job = client.wait(client.submit(Generate(source="zurück", width=40, height=32, **SMALL)).id)
    assert array(client.result(job.id, 0).picture).shape[:2] == (32, 40)
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(Refused, match=r"^\S[^\n]{15,400}\.$"):
        client.import_texture(damaged, "damaged")
    client.delete_texture("zurück")
