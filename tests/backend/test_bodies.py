"""Bodies that are not what they say: refused in a sentence, nothing of them stays, and the next job runs."""

import json
import socket

import pytest
from backends import Backend, until
from layers import layer
from raw import DATA, MEDIA_TYPE, container, exchange, head, header, post
from sinddm_plugin import client as c

GOOD = container(header())


@pytest.fixture(autouse=True)
def unharmed(backend: Backend):
    """After each of these the backend works, and keeps nothing of what was refused."""
    before = {path.name for path in (backend.state / "jobs").iterdir()}
    yield
    client = backend.client
    job = client.wait(client.submit(c.Generate(source=[layer(40, 32)], quality="draft")).id)
    until(lambda: {path.name for path in (backend.state / "jobs").iterdir()} == before | {job.id})


def answer(backend: Backend, *lines: str, body: bytes = GOOD) -> bytes:
    return exchange(backend, head(backend, "POST", "/jobs", f"Content-Type: {MEDIA_TYPE}", *lines), body)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([], b"411"),
        (["Content-Length: -1"], b"400"),
        (["Content-Length: many"], b"400"),
        ([f"Content-Length: {len(GOOD)}", f"Content-Length: {len(GOOD) - 1}"], b"400"),
        ([f"Content-Length: {len(GOOD)}", "Transfer-Encoding: chunked"], b"4"),
        (["Transfer-Encoding: chunked"], b"4"),
        (["Content-Length: 99999999999999"], b"413"),
        (["Content-Length: 4"], b"422"),
        (["Content-Length: 0"], b"422"),
        ([f"Content-Length: {len(GOOD) - 1}"], b"422"),
        ([f"Content-Length: {len(GOOD) + 1}"], b"422"),
    ],
)
def test_a_length_that_is_not_the_bodys_is_refused(backend: Backend, lines, status):
    assert answer(backend, *lines).startswith(b"HTTP/1.1 " + status)


def test_a_body_that_ends_early_leaves_nothing(backend: Backend):
    start = head(backend, "POST", "/jobs", f"Content-Type: {MEDIA_TYPE}", f"Content-Length: {len(GOOD)}")
    for part in (GOOD[:3], GOOD[:40], GOOD[:-100], b""):
        exchange(backend, start + part, None)


def test_a_body_may_come_byte_by_byte(backend: Backend):
    wish = {"task": "generate", "source": {"layers": [{"tensor": "picture"}]}, "quality": "draft"}
    body = container({**header(), "__metadata__": {"request": json.dumps(wish)}})
    start = head(backend, "POST", "/jobs", f"Content-Type: {MEDIA_TYPE}", f"Content-Length: {len(body)}")
    with socket.create_connection(("127.0.0.1", backend.address.port), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(start)
        for at in range(300):
            connection.sendall(body[at : at + 1])
        connection.sendall(body[300:])
        told = connection.recv(65536)
        while b"}" not in told.partition(b"\r\n\r\n")[2]:
            told += connection.recv(65536)
    assert told.startswith(b"HTTP/1.1 201 "), told
    client = backend.client
    id = json.loads(told.partition(b"\r\n\r\n")[2])["id"]
    with pytest.raises(c.JobFailed, match="Nothing to learn from"):
        client.wait(id)
    client.forget(id)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"only_idle": "perhaps"}',
        b'{"only_idle": true, "more": 1}',
        b"[" * 30_000,
        b"\xff\xfe",
        b'{"only_idle": NaN}',
    ],
)
def test_json_that_is_not_what_was_asked_for_is_refused(backend: Backend, body):
    status, told = backend.ask("POST", "/stop", body)
    assert status in (400, 422)
    assert set(told) == {"error"}


def test_json_that_is_too_large_is_refused(backend: Backend):
    assert backend.ask("POST", "/stop", b" " * 100_000)[0] == 413
    assert post(backend, b" " * 100_000, "/stop")[0] == 413


def test_a_layer_without_pixels_is_refused_in_words(backend: Backend):
    described = header()
    described["picture"] = {"dtype": "U8", "shape": [0, 0, 4], "data_offsets": [0, 0]}
    del described["mask"]
    status, told = post(backend, container(described, b""))
    assert (status, told["error"]) == (422, "The layer is empty: choose one that has pixels.")


def test_a_selection_of_another_size_is_refused_in_words(backend: Backend):
    described = header()
    described["mask"]["shape"] = [8, 32]
    status, told = post(backend, container(described, DATA))
    assert status == 422
    assert told["error"].startswith("A selection is not as large as its layer")
