"""The panel's end of the line to another program, and that program's, over a real socket with a real backend."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hosts import waves
from programs import Paintings, Program
from sinddm_plugin.client import VERSION, Mask, Picture
from sinddm_ui.distant import wire
from sinddm_ui.distant.app import make_window
from sinddm_ui.distant.host import DistantHost
from sinddm_ui.distant.values import WireError, built, flat
from sinddm_ui.distant.window import Window
from sinddm_ui.host import Box, Document, HostError, Insertion, Layer, NewLayer
from sinddm_ui.panel import Panel
from sinddm_ui.qt import QApplication
from sinddm_ui.session import Session
from sinddm_ui.settings import Settings
from sinddm_ui.tasks import BY_KEY
from waiting import until

CLOSED = "The picture is closed: open it again."


@pytest.fixture
def paintings() -> Paintings:
    found = Paintings()
    found.add("meadow", "Meadow", waves())
    return found


@pytest.fixture
def program(paintings: Paintings) -> Iterator[Program]:
    found = Program(paintings)
    yield found
    found.end()


@pytest.fixture
def distant(qt: QApplication, program: Program) -> Iterator[DistantHost]:
    found = DistantHost(program.server.port, program.server.token)
    yield found
    found.close()


@pytest.fixture
def session(qt: QApplication, places: Path, distant: DistantHost, tmp_path: Path) -> Iterator[Session]:
    found = Session(distant, Settings(tmp_path / "panel.json"))
    for task in BY_KEY.values():
        found.choose(task, "quality", "draft")
        found.choose(task, "count", 2)
    yield found
    found.close()


# What goes through


def test_the_panel_knows_the_program_and_its_picture_from_the_first_moment(distant: DistantHost, paintings: Paintings):
    assert distant.name == "GIMP"
    assert distant.document() == paintings.document()


def test_the_panel_follows_what_the_artist_does(distant: DistantHost, program: Program, paintings: Paintings):
    told = []
    distant.watch(lambda: told.append(distant.document()))
    program.do(lambda: paintings.add("apple", "Äpfel \N{RED APPLE}", waves(3, 20, 10), -5, 60))
    until(lambda: told)
    assert told[-1] == paintings.document()
    program.do(lambda: setattr(paintings, "open", False))
    until(lambda: told[-1] is None)
    assert distant.document() is None


def test_pixels_arrive_as_they_are(distant: DistantHost, paintings: Paintings):
    paintings.selection = Box(40, 30, 24, 18)
    for box in (Box(0, 0, 120, 90), Box(-7, 80, 30, 40), Box(5, 5, 0, 0)):
        for here, there in (
            (paintings.read, distant.read),
            (paintings.read_below, distant.read_below),
        ):
            found, wanted = there("a picture", "meadow", box), here("a picture", "meadow", box)
            assert bytes(found.data) == bytes(wanted.data)
            assert (found.layout, found.width, found.height) == (wanted.layout, wanted.width, wanted.height)
    mask, wanted = (
        distant.read_selection("a picture", Box(0, 0, 120, 90)),
        paintings.read_selection("", Box(0, 0, 120, 90)),
    )
    assert mask
    assert wanted
    assert bytes(mask.data) == bytes(wanted.data)
    paintings.selection = None
    assert distant.read_selection("a picture", Box(0, 0, 120, 90)) is None
    small = distant.thumbnail("a picture", "meadow", 32)
    assert (small.width, small.height, small.layout) == (30, 23, "rgba")


def test_a_large_layer_arrives_and_goes_back_exactly(distant: DistantHost, program: Program, paintings: Paintings):
    pixels = np.random.default_rng(1).integers(0, 256, (2048, 2048, 4), np.uint8)
    program.do(lambda: paintings.add("large", "Large", pixels))
    found = distant.read("a picture", "large", Box(0, 0, 2048, 2048))
    assert bytes(found.data) == pixels.tobytes()
    distant.insert(
        Insertion("a picture", [NewLayer("Copy", found, -3, 4), NewLayer("Once more", found, 0, 0)], "large")
    )
    (arrived,) = paintings.inserted
    assert [(one.name, one.x, one.y) for one in arrived.layers] == [("Copy", -3, 4), ("Once more", 0, 0)]
    assert all(bytes(one.picture.data) == pixels.tobytes() for one in arrived.layers)
    assert (arrived.above, arrived.group, tuple(arrived.show)) == ("large", None, ())


@pytest.mark.parametrize("depth", ["U8", "U16", "F16", "F32"])
@pytest.mark.parametrize("layout", ["gray", "graya", "rgb", "rgba", "bgra"])
def test_every_kind_of_picture_is_the_same_at_the_other_end(depth: str, layout: str):
    channels = {"gray": 1, "graya": 2, "rgb": 3, "rgba": 4, "bgra": 4}[layout]
    size = {"U8": 1, "U16": 2, "F16": 2, "F32": 4}[depth]
    mask = Mask(os.urandom(12), 4, 3)
    picture = Picture(os.urandom(12 * channels * size), 4, 3, layout, depth, True, b"profile", mask, None)
    blocks = []
    flattened = json.loads(json.dumps(flat(picture, blocks)))
    found = built(Picture, flattened, [bytearray(one) for one in blocks])
    assert bytes(found.data) == picture.data
    assert bytes(found.only.data) == mask.data
    assert (found.layout, found.depth, found.linear, found.icc) == (layout, depth, True, b"profile")
    assert found.without is None


def test_what_cannot_be_done_is_told_in_the_programs_own_words(
    distant: DistantHost, program: Program, paintings: Paintings
):
    with pytest.raises(HostError, match=f"^{CLOSED}$"):
        distant.read("another picture", "meadow", Box(0, 0, 1, 1))
    with pytest.raises(HostError, match=r"^Something went wrong in the plugin \(KeyError"):
        distant.thumbnail("a picture", "gone", 32)
    assert distant.thumbnail("a picture", "meadow", 32).width == 30


# An artist's work


def test_a_variation_is_made_and_becomes_a_layer_over_there(session: Session, paintings: Paintings):
    work = session.make(BY_KEY["generate"])
    assert work, session.notice and session.notice.words
    until(lambda: not work.active)
    assert work.state == "done", work.error
    found = session.results.of(work)
    until(lambda: all(one.thumbnail for one in found))
    session.apply(found[0])
    until(lambda: found[0].applied)
    (layer,) = paintings.inserted[0].layers
    assert layer.name == f"Meadow - variation (seed {found[0].seed})"
    assert (layer.picture.width, layer.picture.height) == (120, 90)
    assert paintings.inserted[0].above == "meadow"
    made = np.frombuffer(bytes(layer.picture.data), np.uint8).reshape(90, 120, 4)
    assert made[..., :3].std() > 5
    assert not np.array_equal(made, waves())


def test_a_fill_uses_the_selection_over_there(session: Session, program: Program, paintings: Paintings):
    program.do(lambda: setattr(paintings, "selection", Box(40, 30, 24, 18)))
    until(lambda: session.document and session.document.selection)
    session.quick("fill")
    until(lambda: paintings.inserted)
    layer = paintings.inserted[0].layers[-1]
    assert (layer.x, layer.y, layer.picture.width, layer.picture.height) == (40, 30, 24, 18)


def test_a_preview_shows_the_picture_with_the_result_and_changes_nothing(distant: DistantHost, paintings: Paintings):
    red = Picture(bytes([255, 0, 0, 255]) * 24, 6, 4)
    before = paintings.document()
    distant.show_preview("a picture", red, Box(40, 30, 60, 40))
    assert distant.preview.shown
    seen = distant.preview.grab().toImage()
    scale = seen.width() / 120
    assert seen.pixelColor(round(70 * scale), round(50 * scale)).name() == "#ff0000"
    blue, green, red_part = waves()[10, 10, :3]
    beside = seen.pixelColor(round(10.5 * scale), round(10.5 * scale))
    assert abs(beside.red() - int(red_part)) < 30
    assert abs(beside.blue() - int(blue)) < 30
    assert abs(beside.green() - int(green)) < 30
    distant.show_preview("a picture", red, Box(0, 0, 10, 10))
    assert paintings.calls == ["look"]
    assert (paintings.inserted, paintings.shown, paintings.document()) == ([], None, before)
    distant.hide_preview()
    until(lambda: not distant.preview.shown)


def test_a_result_that_reaches_out_of_the_picture_is_previewed_whole(distant: DistantHost):
    red = Picture(bytes([255, 0, 0, 255]) * 4, 2, 2)
    distant.show_preview("a picture", red, Box(-60, -60, 240, 210))
    seen = distant.preview.grab().toImage()
    right, bottom = seen.width() - 4, seen.height() - 4
    corners = [(3, 3), (right, 3), (3, bottom), (right, bottom)]
    assert [seen.pixelColor(*one).name() for one in corners] == ["#ff0000"] * 4


# Trouble


def test_a_program_that_is_busy_is_not_waited_for_for_ever_and_does_not_do_it_later(
    qt: QApplication, program: Program, paintings: Paintings
):
    distant = DistantHost(program.server.port, program.server.token, patience=0.3)
    go_on = program.stand()
    try:
        with pytest.raises(HostError, match=r"^GIMP does not answer: wait until"):
            distant.look("a picture", 64)
    finally:
        go_on()
    assert distant.thumbnail("a picture", "meadow", 32).width == 30
    assert paintings.calls == []
    distant.close()


def test_the_panel_is_told_at_once_when_the_program_ends(distant: DistantHost, program: Program):
    gone = []
    distant.gone.connect(lambda: gone.append(True))
    program.end()
    until(lambda: gone)
    with pytest.raises(HostError, match=r"^GIMP has ended: start it again"):
        distant.read("a picture", "meadow", Box(0, 0, 1, 1))


def test_who_waits_for_an_answer_is_freed_when_the_program_ends(distant: DistantHost, program: Program):
    go_on = program.stand()
    line = program.server._line
    assert line
    threading.Timer(0.2, line.close).start()
    with pytest.raises(HostError, match=r"^GIMP has ended"):
        distant.look("a picture", 64)
    go_on()


def closed(line: socket.socket) -> bool:
    """Whether the other end hung up without a word."""
    try:
        return line.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("token", ["", "x" * 64, "ä\ud800", None, 5, ["a"]])
def test_a_wrong_token_is_answered_by_nothing(program: Program, token):
    line = program.raw()
    wire.send(line, {"token": token, "version": VERSION})
    assert closed(line)
    assert not program.server.connected
    line.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        (1 << 40).to_bytes(8, "little"),
        (2000).to_bytes(8, "little") + b" " * 2000,
        (4).to_bytes(8, "little") + b"null",
        (4).to_bytes(8, "little") + b"{{{{",
        (12).to_bytes(8, "little") + b'{"blocks":5}',
        (15).to_bytes(8, "little") + b'{"blocks":[-1]}',
        (16).to_bytes(8, "little") + b'{"blocks":[999]}',
    ],
)
def test_what_is_no_greeting_is_hung_up_on(program: Program, sent: bytes):
    line = program.raw()
    line.sendall(sent)
    assert closed(line)
    line.close()


def test_a_wrong_token_does_not_disturb_the_panel_that_is_there(distant: DistantHost, program: Program):
    line = program.raw()
    wire.send(line, {"token": "wrong"})
    assert closed(line)
    assert distant.thumbnail("a picture", "meadow", 32).width == 30


def test_a_second_panel_is_not_let_in(distant: DistantHost, program: Program):
    with pytest.raises(HostError, match="wants no panel now"):
        DistantHost(program.server.port, program.server.token)
    assert distant.thumbnail("a picture", "meadow", 32).width == 30


@pytest.mark.parametrize(
    "header",
    [
        {"call": "document", "id": 1, "patience": 1, "values": []},
        {"call": "__class__", "id": 1, "patience": 1, "values": []},
        {"call": "thumbnail", "id": 1, "patience": 1, "values": ["a picture", "meadow"]},
        {"call": "thumbnail", "id": 1, "patience": 1, "values": ["a picture", "meadow", "32"]},
        {"call": "read", "id": 1, "patience": 1, "values": ["a picture", "meadow", [0, 0, 1]]},
        {"call": "insert", "id": 1, "patience": 1, "values": [{"document": "a picture"}]},
        {"id": 1},
        {},
    ],
)
def test_a_call_that_makes_no_sense_ends_the_line_and_does_nothing(program: Program, paintings: Paintings, header):
    line = program.raw()
    wire.send(line, {"token": program.server.token, "version": VERSION})
    welcome = wire.receive(line)
    assert welcome
    assert welcome.header["name"] == "GIMP"
    wire.send(line, header)
    assert closed(line)
    until(lambda: not program.server.connected)
    assert not paintings.inserted
    line.close()


@pytest.mark.parametrize("image", [3, None])
def test_another_part_of_the_program_asks_for_a_panel(program: Program, image: int | None):
    with program.raw() as line:
        wire.send(line, {"token": program.server.token, "open": image})
        answer = wire.receive(line)
    assert answer
    assert answer.header == {"error": ""}
    assert program.wanted == [image]
    assert not program.server.connected


def test_nobody_else_asks_for_a_panel(program: Program):
    with program.raw() as line:
        wire.send(line, {"token": "guessed", "open": 3})
        assert closed(line)
    assert not program.wanted


def test_pixels_that_are_fewer_than_they_say_are_refused():
    with pytest.raises(WireError):
        built(Picture, flat(Picture(b"123", 2, 2), []), [bytearray(b"123")])
    layer = Layer("1", "Meadow", Box(0, 0, 1, 1))
    with pytest.raises(WireError):
        built(Layer, {**flat(layer, []), "name": 5}, [])
    with pytest.raises(WireError):
        built(Layer, {**flat(layer, []), "more": 5}, [])
    assert built(Document | None, None, []) is None


def test_another_version_of_the_plugin_is_refused_in_words(qt: QApplication):
    server = socket.create_server((wire.ADDRESS, 0))

    def old() -> None:
        line = server.accept()[0]
        wire.receive(line)
        wire.send(line, {"push": "welcome", "name": "GIMP", "version": "0.0.1", "value": None})
        line.recv(1)
        line.close()

    thread = threading.Thread(target=old)
    thread.start()
    with pytest.raises(HostError, match="different versions: install both again"):
        DistantHost(server.getsockname()[1], "token")
    thread.join()
    server.close()


def test_where_nobody_listens_the_panel_says_so(qt: QApplication):
    with socket.create_server((wire.ADDRESS, 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(HostError, match="Nobody answers there"):
        DistantHost(port, "token")


# The window


@pytest.fixture
def window(session: Session, distant: DistantHost) -> Iterator[Window]:
    found = make_window(distant, session)
    found.come()
    yield found
    found.close()


def test_a_window_that_is_closed_keeps_its_results_and_comes_back(
    window: Window, session: Session, distant: DistantHost, program: Program, paintings: Paintings
):
    work = session.make(BY_KEY["tile"])
    assert work
    window.close()
    until(lambda: not work.active)
    assert len(session.results) == 2
    told = []
    distant.watch(lambda: told.append(distant.document()))
    distant.wanted.connect(window.come)
    program.do(lambda: paintings.add("apple", "Apple", waves(3, 20, 10)))
    program.do(program.server.look)
    QApplication.processEvents()
    assert not told  # nobody sees it, so GIMP is left alone
    program.do(program.server.bring_forward)
    until(lambda: window.isVisible() and told)
    assert told[-1] == paintings.document()


def test_the_window_is_where_it_was(session: Session, distant: DistantHost, tmp_path: Path):
    path = tmp_path / "state" / "window.json"
    for at in range(2):
        window = Window(Panel(session), lambda seen: None, path)
        if at == 0:
            window.setGeometry(60, 70, 391, 602)
        window.show()
        QApplication.processEvents()
        assert window.geometry().getRect() == (60, 70, 391, 602)
        window.close()


@pytest.mark.parametrize("text", ["", "[]", '{"geometry": 5}', '{"geometry": "zz"}', '{"geometry": "00"}'])
def test_a_place_that_cannot_be_read_is_the_usual_one(session: Session, tmp_path: Path, text: str):
    (tmp_path / "window.json").write_text(text)
    window = Window(Panel(session), lambda seen: None, tmp_path / "window.json")
    assert window.width() == 340
