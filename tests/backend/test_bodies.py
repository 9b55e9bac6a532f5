"""Bodies that are not what they say: refused in a sentence, nothing of them stays, and the next job runs."""

import json
import re
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from backends import PATIENCE, Backend, until
from layers import layer
from raw import DATA, MEDIA_TYPE, container, exchange, head, header, post
from sinddm_plugin import client as c

GOOD = container(header())
HALF = len(GOOD) // 2


def small() -> c.Request:
    return c.Generate(source=[layer(40, 32)], quality="draft")


def kept(backend: Backend) -> set[str]:
    """What there is of jobs and of textures on the disk."""
    folders = (backend.state / "jobs", backend.state / "uploads", backend.library)
    return {path.name for folder in folders if folder.exists() for path in folder.iterdir()}


@pytest.fixture(autouse=True)
def unharmed(backend: Backend) -> Iterator[None]:
    """After each of these the backend works, and keeps nothing of what was refused."""
    before = kept(backend)
    yield
    client = backend.client
    job = client.wait(client.submit(small()).id)
    until(lambda: kept(backend) == before | {job.id})


@contextmanager
def connected(backend: Backend) -> Iterator[socket.socket]:
    """A connection in which each piece is sent at once."""
    with socket.create_connection(("127.0.0.1", backend.address.port), timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield connection


def start(backend: Backend, *lines: str, path: str = "/jobs") -> bytes:
    """The head of a request that hands in a container."""
    return head(backend, "POST", path, f"Content-Type: {MEDIA_TYPE}", *lines)


@pytest.mark.parametrize("path", ["/jobs", "/textures?name=new"])
@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([], b"411"),
        (["Content-Length: -1"], b"400"),
        (["Content-Length: +9"], b"400"),
        (["Content-Length: many"], b"400"),
        (["Content-Length: 0x10"], b"400"),
        (["Content-Length: 1_0"], b"400"),
        (["Content-Length:"], b"4"),
        ([f"Content-Length: {len(GOOD)}", f"Content-Length: {len(GOOD) - 1}"], b"400"),
        ([f"Content-Length: {len(GOOD)}, {len(GOOD)}"], b"400"),
        ([f"Content-Length: {len(GOOD)}", "Transfer-Encoding: chunked"], b"4"),
        (["Transfer-Encoding: chunked"], b"4"),
        (["Transfer-Encoding: gzip, identity"], b"4"),
        ([f"Content-Length: {(4 << 30) + 1}"], b"413"),
        ([f"Content-Length: {(1 << 64) - 1}"], b"413"),
        ([f"Content-Length: {10**30}"], b"4"),
    ],
)
def test_a_length_that_cannot_be_is_refused(backend: Backend, lines, status, path):
    assert exchange(backend, start(backend, *lines, path=path), GOOD).startswith(b"HTTP/1.1 " + status)


LENGTHS = (0, 4, 8, len(GOOD) - len(DATA), len(GOOD) - 1, len(GOOD) + 1, len(GOOD) + 1000)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_length_that_is_not_the_containers_is_refused(backend: Backend, length):
    told = exchange(backend, start(backend, f"Content-Length: {length}"), GOOD + bytes(max(0, length - len(GOOD))))
    assert told.startswith(b"HTTP/1.1 422 ")


def test_what_comes_behind_a_body_is_no_part_of_it(backend: Backend):
    told = exchange(backend, start(backend, f"Content-Length: {len(GOOD)}"), GOOD + b"more that is no request")
    assert re.match(rb"HTTP/1.1 (201|400) ", told)  # the rest may be there before the answer is
    client = backend.client
    (job,) = [job for job in client.jobs() if job.task == "fill"]
    with pytest.raises(c.JobFailed, match="Nothing to learn from"):
        client.wait(job.id)
    client.forget(job.id)


@pytest.mark.parametrize("part", [0, 3, 8, 40, HALF, len(GOOD) - 1])
@pytest.mark.parametrize("path", ["/jobs", "/textures?name=new"])
@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_body_that_ends_early_leaves_nothing(backend: Backend, path, part, reset):
    with connected(backend) as connection:
        connection.sendall(start(backend, f"Content-Length: {len(GOOD)}", path=path) + GOOD[:part])
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_body_that_does_not_go_on_holds_nobody_up(backend: Backend):
    client = backend.client
    with connected(backend) as jobs, connected(backend) as textures, connected(backend) as stop:
        jobs.sendall(start(backend, f"Content-Length: {len(GOOD)}") + GOOD[:HALF])
        textures.sendall(start(backend, f"Content-Length: {len(GOOD)}", path="/textures?name=new") + GOOD[:HALF])
        stop.sendall(head(backend, "POST", "/stop", "Content-Type: application/json", "Content-Length: 20") + b'{"only')
        job = client.wait(client.submit(small()).id)
        assert client.textures() == ()
        client.forget(job.id)


def test_a_body_may_come_byte_by_byte(backend: Backend):
    wish = {"task": "generate", "source": {"layers": [{"tensor": "picture"}]}, "quality": "draft"}
    body = container({**header(), "__metadata__": {"request": json.dumps(wish)}})
    with connected(backend) as connection:
        connection.sendall(start(backend, f"Content-Length: {len(body)}"))
        slow = len(body) - len(DATA) + 50
        for at in range(slow):
            connection.sendall(body[at : at + 1])
        connection.sendall(body[slow:])
        told = b"".join(iter(lambda: connection.recv(65536), b""))
    assert told.startswith(b"HTTP/1.1 201 "), told
    client = backend.client
    id = json.loads(told.partition(b"\r\n\r\n")[2])["id"]
    with pytest.raises(c.JobFailed, match="Nothing to learn from"):
        client.wait(id)
    client.forget(id)


def test_a_client_that_asks_whether_to_send_is_told(backend: Backend):
    with connected(backend) as connection:
        connection.sendall(start(backend, f"Content-Length: {len(GOOD)}", "Expect: 100-continue"))
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(GOOD[:HALF])
    with connected(backend) as connection:
        connection.sendall(start(backend, f"Content-Length: {5 << 30}", "Expect: 100-continue"))
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


JSON = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"only_idle"',
    b'{"only_idle": "yes"}',
    b'{"only_idle": 1}',
    b'{"only_idle": null}',
    b'{"only_idle": true, "more": 1}',
    b"[" * 30_000,
    b'{"a":' * 10_000,
    b'{"only_idle": ' + b"9" * 30_000 + b"}",
    b"\xff\xfe",
    b'{"only_idle": NaN}',
    b'{"only_idle": true}\0',
]


@pytest.mark.parametrize("body", JSON, ids=range(len(JSON)))
def test_json_that_is_not_what_was_asked_for_is_refused(backend: Backend, body):
    for path in ("/stop", f"/jobs/{'0' * 16}/move", "/textures/x/rename"):
        status, told = backend.ask("POST", path, body)
        assert status in (400, 422)
        assert set(told) == {"error"}
        assert told["error"].endswith(": update the plugin.")


NAMES = (b"1", b"null", b'"\\ud800"', b'["a"]', b'"' + b"x" * 101 + b'"', b'""')


@pytest.mark.parametrize("value", NAMES, ids=range(len(NAMES)))
def test_a_name_in_json_that_is_none_is_refused(backend: Backend, value):
    assert backend.ask("POST", "/textures/x/rename", b'{"name": ' + value + b"}")[0] in (404, 422)


@pytest.mark.parametrize("position", [b"-1", b"0.5", b"1e99", b"NaN", b"Infinity", b'"0"', b"true", b"10001", b"[0]"])
def test_a_position_that_is_none_is_refused(backend: Backend, position):
    status, told = backend.ask("POST", f"/jobs/{'0' * 16}/move", b'{"position": ' + position + b"}")
    assert status == 422
    assert "position" in told["error"]


@pytest.mark.parametrize("path", ["/stop", "/health", "/jobs/0123456789abcdef/cancel", "/nothing"])
def test_json_that_is_too_large_is_refused(backend: Backend, path):
    assert backend.ask("POST", path, b" " * 100_000)[0] == 413
    assert post(backend, b" " * 100_000, path)[0] == 413
    json_type = "Content-Type: application/json"
    for line in ("Content-Length: 99999999999999999999", "Content-Length: 65537", "Transfer-Encoding: chunked"):
        told = exchange(backend, head(backend, "POST", path, json_type, line))
        assert told.startswith((b"HTTP/1.1 413 ", b"HTTP/1.1 411 ", b"HTTP/1.1 400 "))


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
