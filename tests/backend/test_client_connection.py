"""Requests: what is sent, and what becomes of every way in which an answer can fail to come."""

import json
import socket
import struct
import sys
import tracemalloc

import pytest
from peer import TOKEN, Handler, Peer, job, serving
from sinddm_plugin.client import (
    BadAnswer,
    BadContainer,
    BadFile,
    Client,
    Generate,
    Picture,
    Refused,
    Unreachable,
    VersionMismatch,
    connection,
)
from sinddm_plugin.client.container import Tensor, pack, unpack

SENTENCE = r"^[A-Z][^\n]{15,200}\.$"
HEALTH = {"version": "0.1.0", "protocol": 1}
ID = job()["id"]
WISH = Generate(source="Meadow")
HEX = Picture(bytes(range(24)), 2, 3, "rgba")


@pytest.fixture(autouse=True)
def own_state(tmp_path, monkeypatch):
    """No backend of this computer's is in the way."""
    monkeypatch.setenv("SINDDM_STATE", str(tmp_path / "state"))


def container(**metadata: object) -> bytes:
    """A container with a picture."""
    texts = {name: json.dumps(value) for name, value in metadata.items()}
    return b"".join(pack({"picture": HEX.tensor}, texts)[1])


RESULT = container(result={"task": "expand", "seed": 3, "layout": "bgra", "linear": True, "x": -4, "y": 5, "z": 1})


def found(peer: Peer, tmp_path) -> None:
    """Have backend.json name this peer."""
    (tmp_path / "state").mkdir(exist_ok=True)
    (tmp_path / "state" / "backend.json").write_text(json.dumps(peer.address._asdict()))


# What is sent


def test_a_request_is_what_the_backend_lets_pass(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nobody listens
    seen: list[dict[str, str]] = []

    def answer(handler: Handler) -> None:
        seen.append({name.lower(): value for name, value in handler.headers.items()})
        handler.json(HEALTH)

    with serving(answer) as peer:
        assert Client(peer.address).health().version == "0.1.0"
    (headers,) = seen
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["host"] == f"127.0.0.1:{peer.address.port}"
    assert not {"origin", "referer", "cookie", "transfer-encoding"} & set(headers)


def test_every_call_is_the_request_of_the_contract():
    sent: list[tuple[str, str, object]] = []
    answers = {"/textures": [], "/jobs": [job()], "/stop": HEALTH}

    def answer(handler: Handler) -> None:
        sent.append((handler.command, handler.path, json.loads(handler.content) if handler.content else None))
        if handler.command == "DELETE":
            handler.send_response(204)
            handler.end_headers()
        elif "rename" in handler.path:
            handler.json({"name": "b"})
        else:
            handler.json(answers.get(handler.path, job()))

    with serving(answer) as peer:
        client = Client(peer.address)
        for call in (client.job, client.cancel, client.pause, client.resume, client.finish, client.rerun):
            assert call(ID).id == ID
        assert [one.id for one in client.jobs()] == [ID]
        assert client.move(ID, 2).id == ID
        client.forget(ID)
        client.stop()
        client.stop(only_idle=True)
        assert client.textures() == ()
        assert client.rename_texture("Öl / Kreide?", "b").name == "b"
        client.delete_texture("50%")
    verbs = [("POST", f"/jobs/{ID}/{verb}", None) for verb in ("cancel", "pause", "resume", "finish", "rerun")]
    assert sent == [
        ("GET", f"/jobs/{ID}", None),
        *verbs,
        ("GET", "/jobs", None),
        ("POST", f"/jobs/{ID}/move", {"position": 2}),
        ("DELETE", f"/jobs/{ID}", None),
        ("POST", "/stop", {"only_idle": False}),
        ("POST", "/stop", {"only_idle": True}),
        ("GET", "/textures", None),
        ("POST", "/textures/%C3%96l%20%2F%20Kreide%3F/rename", {"name": "b"}),
        ("DELETE", "/textures/50%25", None),
    ]


# Pixels


def test_pixels_go_out_uncopied_and_come_in_copied_once():
    size = 16 << 20
    sent, peaks = bytearray(size), []
    sent[-1] = 7
    made = pack({"picture": Tensor(sent, "U8", (2048, 2048, 4))}, {"result": "{}"})
    received: list[int] = []

    def answer(handler: Handler) -> None:
        if handler.command == "POST":
            left, last = int(handler.headers["Content-Length"]), b""
            while left:
                last = handler.rfile.read(min(left, 1 << 16))
                left -= len(last)
            received.append(last[-1])
            handler.json(job(), 201)
        else:
            handler.body(b"", length=made[0])
            for piece in made[1]:
                handler.wfile.write(piece)

    def peak() -> int:
        now, highest = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        return highest - now

    with serving(answer) as peer:
        peer.reads = False
        client = Client(peer.address)
        tracemalloc.start()
        peak()
        client.submit(Generate(source=[Picture(sent, 2048, 2048)]))
        peaks.append(peak())
        before = tracemalloc.get_traced_memory()[0]
        with connection.request(peer.address, "GET", "/x") as whole:
            picture = unpack(whole, whole.length)
        peaks.append(tracemalloc.get_traced_memory()[1] - before)
        tracemalloc.stop()
    assert received == [7]
    assert memoryview(picture.tensors["picture"].data)[-1] == 7
    assert peaks[0] < 2 << 20
    assert size <= peaks[1] < size + (2 << 20)


def test_a_result_is_a_picture_with_its_place():
    with serving(lambda handler: handler.body(RESULT)) as peer:
        result = Client(peer.address).result(ID, 12)
        assert peer.seen == [("GET", f"/jobs/{ID}/results/12")]
    picture = result.picture
    assert (result.task, result.seed, result.x, result.y) == ("expand", 3, -4, 5)
    assert (picture.width, picture.height, picture.layout, picture.depth, picture.linear) == (2, 3, "bgra", "U8", True)
    assert bytes(picture.data) == HEX.data


@pytest.mark.parametrize("what", ["preview", "thumbnail"])
def test_small_pictures_are_pictures(what):
    with serving(lambda handler: handler.body(container())) as peer:
        client = Client(peer.address)
        picture = client.preview(ID) if what == "preview" else client.thumbnail("Öl")
        assert peer.seen[0][1] == (f"/jobs/{ID}/preview" if what == "preview" else "/textures/%C3%96l/thumbnail")
    assert (picture.width, picture.height, picture.layout, bytes(picture.data)) == (2, 3, "rgba", HEX.data)


def test_a_container_may_come_in_chunks():
    def answer(handler: Handler) -> None:
        handler.begin_stream()
        for at in range(0, len(RESULT), 7):
            handler.piece(RESULT[at : at + 7])
        handler.piece(b"")

    with serving(answer) as peer:
        assert bytes(Client(peer.address).result(ID, 0).picture.data) == HEX.data


def cut(handler: Handler) -> None:
    """An answer that ends before it should."""
    handler.body(RESULT[:-3], length=len(RESULT))
    handler.hang_up()


def cut_in_chunks(handler: Handler) -> None:
    handler.begin_stream()
    handler.piece(RESULT[:-3])
    handler.hang_up()


def no_chunks(handler: Handler) -> None:
    handler.begin_stream()
    handler.wfile.write(b"not a number\r\n")
    handler.hang_up()


@pytest.mark.parametrize("answer", [cut, cut_in_chunks, no_chunks])
def test_a_picture_that_is_cut_off_is_a_lost_connection(answer):
    with serving(answer) as peer, pytest.raises(Unreachable, match=SENTENCE):
        Client(peer.address).result(ID, 0)


@pytest.mark.parametrize("length", [len(RESULT) + 5, len(RESULT) - 5, 3, 0])
def test_a_server_that_lies_about_the_length_is_found_out(length):
    whole = RESULT + b"12345"
    with serving(lambda handler: handler.body(whole[:length])) as peer, pytest.raises(BadContainer, match=SENTENCE):
        Client(peer.address).result(ID, 0)


@pytest.mark.parametrize(
    "whole",
    [
        container(),
        container(result=[]),
        container(result={"task": "fill"}),
        container(result={"task": "fill", "layout": "rgb", "linear": False, "seed": "x"}),
        b"".join(pack({}, {"result": '{"task": "fill", "seed": 1, "layout": "rgb", "linear": false}'})[1]),
        b"".join(
            pack({"picture": Tensor(b"12", "U8", (1, 2))}, {"result": '{"seed": 1, "layout": "a", "linear": 0}'})[1]
        ),
        b"".join(pack({"picture": HEX.tensor}, {"result": "{"})[1]),
    ],
)
def test_a_result_that_is_none_is_not_understood(whole):
    with serving(lambda handler: handler.body(whole)) as peer, pytest.raises(BadAnswer, match=SENTENCE):
        Client(peer.address).result(ID, 0)


# Refusals


def test_a_refusal_is_told_in_the_backends_words():
    with serving(lambda handler: handler.json({"error": "The disk is full: free some space."}, 507)) as peer:
        with pytest.raises(Refused, match=r"^The disk is full: free some space\.$") as refused:
            Client(peer.address).submit(WISH)
        assert refused.value.status == 507


@pytest.mark.parametrize(
    "text", [b"", b"<html>", b"[" * 50_000, b'{"error": 5}', b'{"error": " "}', b'{"detail": "x"}']
)
@pytest.mark.parametrize("status", [302, 404, 422, 500, 503])
def test_a_refusal_without_words_gets_some(status, text):
    with (
        serving(lambda handler: handler.body(text, status)) as peer,
        pytest.raises(Refused, match=SENTENCE) as refused,
    ):
        Client(peer.address).jobs()
    assert refused.value.status == status


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere what was said is lost when the connection is reset")
def test_a_backend_that_refuses_without_reading_is_still_heard():
    def answer(handler: Handler) -> None:
        handler.json({"error": "This is too large: use a smaller layer."}, 413)
        handler.hang_up()

    with serving(answer) as peer:
        peer.reads = False
        large = Picture(bytearray(64 << 20), 4096, 4096)
        with pytest.raises(Refused, match="use a smaller layer"):
            Client(peer.address).submit(Generate(source=[large]))


@pytest.mark.parametrize(
    "answer",
    [
        lambda handler: handler.body(b"{"),
        lambda handler: handler.body(b"\xff"),
        lambda handler: handler.body(b""),
        lambda handler: handler.json([1]),
        lambda handler: handler.json({"jobs": []}),
        lambda handler: handler.json([{"id": ID}]),
        lambda handler: handler.json([job(results=5)]),
    ],
)
def test_an_answer_of_another_kind_is_not_understood(answer):
    with serving(answer) as peer, pytest.raises(BadAnswer, match=SENTENCE):
        Client(peer.address).jobs()


# Lost connections


def strange(handler: Handler) -> None:
    handler.wfile.write(b"220 mail.example.com ESMTP\r\n")
    handler.hang_up()


def reset(handler: Handler) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.hang_up()


def endless_headers(handler: Handler) -> None:
    handler.send_response(200)
    for n in range(1000):
        handler.send_header(f"X-{n}", "x")
    handler.end_headers()


@pytest.mark.parametrize("answer", [Handler.hang_up, strange, reset, endless_headers])
def test_no_answer_is_told_as_one_that_is_lost(answer):
    with serving(answer) as peer, pytest.raises(Unreachable, match=SENTENCE) as lost:
        Client(peer.address).submit(WISH)
    assert lost.value.sent


def test_a_backend_that_is_silent_is_not_waited_for_for_ever():
    with serving(lambda handler: handler.server.over.wait(60)) as peer, pytest.raises(Unreachable, match=SENTENCE):
        connection.ask(peer.address, "GET", "/health", patience=0.2)


def test_a_question_is_repeated_once_after_a_lost_connection():
    def answer(handler: Handler) -> None:
        handler.json([]) if len(handler.server.seen) == 2 else handler.hang_up()

    with serving(answer) as peer:
        assert Client(peer.address).jobs() == ()
        assert len(peer.seen) == 2
        with pytest.raises(Unreachable):
            Client(peer.address).jobs()
        assert len(peer.seen) == 4


@pytest.mark.parametrize("call", ["submit", "stop", "forget", "rename"])
def test_a_wish_is_never_sent_twice(call):
    calls = {
        "submit": lambda client: client.submit(WISH),
        "stop": lambda client: client.stop(),
        "forget": lambda client: client.forget(ID),
        "rename": lambda client: client.rename_texture("a", "b"),
    }
    with serving(Handler.hang_up) as peer:
        with pytest.raises(Unreachable):
            calls[call](Client(peer.address))
        assert len(peer.seen) == 1


@pytest.fixture
def gone() -> Client:
    """A client of a backend that has ended."""
    with serving(lambda handler: None) as peer:
        pass
    return Client(peer.address)


def test_without_a_backend_it_says_what_to_do(gone):
    for call in (gone.health, lambda: gone.submit(WISH)):
        with pytest.raises(Unreachable, match="not running") as lost:
            call()
        assert not lost.value.sent


def test_a_backend_that_took_the_place_of_another_is_used(gone, tmp_path):
    with serving(lambda handler: handler.json(job(), 201)) as peer:
        found(peer, tmp_path)
        assert gone.submit(WISH).id == ID  # it cannot have got to the other one
        assert gone.job(ID).id == ID
        assert len(peer.seen) == 2


def test_a_backend_that_has_the_port_of_another_is_used_with_its_own_token(tmp_path):
    def answer(handler: Handler) -> None:
        right = handler.headers["Authorization"] == f"Bearer {TOKEN}"
        handler.json(job() if right else {"error": "The token is wrong."}, 201 if right else 401)

    with serving(answer) as peer:
        client = Client(peer.address._replace(token="of-the-last-one"))
        with pytest.raises(Unreachable, match="not running"):
            client.submit(WISH)
        found(peer, tmp_path)
        assert client.submit(WISH).id == ID


def test_a_backend_of_another_version_is_not_used(gone, tmp_path):
    with serving(lambda handler: handler.json(job())) as peer:
        (tmp_path / "state").mkdir()
        told = {**peer.address._asdict(), "version": "0.2.0"}
        (tmp_path / "state" / "backend.json").write_text(json.dumps(told))
        with pytest.raises(VersionMismatch, match=SENTENCE):
            gone.job(ID)
        assert peer.seen == []


# Files


def test_a_texture_is_exported_whole(tmp_path):
    data = bytes(range(256)) * 9000
    path = tmp_path / "Öl & Kreide.safetensors"
    path.write_bytes(b"what was there before")
    with serving(lambda handler: handler.body(data)) as peer:
        Client(peer.address).export_texture("Öl", path)
        assert peer.seen == [("GET", "/textures/%C3%96l/file")]
    assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "answer", [cut, cut_in_chunks, lambda handler: handler.json({"error": "No such texture."}, 404)]
)
def test_a_texture_that_does_not_arrive_leaves_the_folder_as_it_was(tmp_path, answer):
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"what was there before")
    with serving(answer) as peer, pytest.raises((Unreachable, Refused)):
        Client(peer.address).export_texture("a", path)
    assert path.read_bytes() == b"what was there before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["no/such/folder/a.safetensors", "", "x" * 300])
def test_a_file_that_cannot_be_written_is_told(tmp_path, name):
    with serving(lambda handler: handler.body(RESULT)) as peer, pytest.raises(BadFile, match=r"written \(.*\): choose"):
        Client(peer.address).export_texture("a", tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_texture_is_imported_as_it_is(tmp_path):
    data = bytes(range(256)) * 9000
    path = tmp_path / "a.safetensors"
    path.write_bytes(data)
    received = []

    def answer(handler: Handler) -> None:
        received.append((handler.path, handler.headers["Content-Type"], handler.content == data))
        handler.json({"name": "Öl & Kreide", "bytes": len(data)}, 201)

    with serving(answer) as peer:
        texture = Client(peer.address).import_texture(path, "Öl & Kreide")
    assert (texture.name, texture.bytes) == ("Öl & Kreide", len(data))
    assert received == [("/textures?name=%C3%96l+%26+Kreide", "application/x-safetensors", True)]


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with serving(lambda handler: handler.json({})) as peer:
        for path in (tmp_path / "nothing", tmp_path):
            with pytest.raises(BadFile, match=r"read \(.*\): check"):
                Client(peer.address).import_texture(path, "a")
        assert peer.seen == []
