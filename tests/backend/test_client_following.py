"""Following: what comes is given out, a lost connection is taken up again, and another thread can end it."""

import itertools
import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from backends import until
from peer import Handler, job, serving
from sinddm_plugin.client import (
    BadAnswer,
    Changes,
    Client,
    Following,
    JobCancelled,
    JobFailed,
    Refused,
    Unreachable,
    VersionMismatch,
)
from sinddm_plugin.client import client as client_module
from sinddm_plugin.client.following import Event, Parser

ID, OTHER = job()["id"], "f" * 16


@pytest.fixture(autouse=True)
def own_state(tmp_path, monkeypatch):
    """No backend of this computer's is in the way."""
    monkeypatch.setenv("SINDDM_STATE", str(tmp_path))


def in_turn(*answers: Callable[[Handler], object]) -> Callable[[Handler], None]:
    """The first connection gets the first answer, and so on."""
    turns = iter(answers)

    def answer(handler: Handler) -> None:
        next(turns)(handler)
        handler.hang_up()

    return answer


def stream(*events: Any, then: Callable[[Handler], object] = lambda handler: handler.piece(b"")):
    """A stream of events (id, jobs, ids), and its end."""

    def answer(handler: Handler) -> None:
        handler.begin_stream()
        for id, jobs, ids in events:
            handler.event(id, *jobs, ids=ids)
        then(handler)

    return answer


def silent(handler: Handler) -> None:
    """Say nothing until the test is over."""
    handler.server.over.wait(60)


# Events


TEXT = b": hello\n\nid: a-1\nevent: jobs\ndata: {\ndata: }\n\n:\n\ndata:x\n\nevent: other\ndata\n\nretry: 5\n\n"
TEXT += "id: a-2\r\ndata: ö\r\n\r\n".encode()
EVENTS = [
    Event("a-1", "jobs", "{\n}"),
    Event("a-1", "message", "x"),
    Event("a-1", "other", ""),
    Event("a-2", "message", "ö"),
]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_are_the_same_in_whatever_pieces_they_come(size):
    parser = Parser()
    pieces = [TEXT[at : at + size] for at in range(0, len(TEXT), size)]
    assert [event for piece in pieces for event in parser.feed(piece)] == EVENTS


def test_an_event_that_is_not_complete_waits_for_its_rest():
    parser = Parser()
    assert parser.feed(b"data: 1\n") == []
    assert parser.feed(b"data: 2") == []
    assert parser.feed(b"\n\n") == [Event(None, "message", "1\n2")]


def test_an_event_without_an_end_is_given_up(monkeypatch):
    monkeypatch.setattr("sinddm_plugin.client.following.LONGEST_EVENT", 1000)
    parser = Parser()
    assert parser.feed(b"x" * 1001) == []
    with pytest.raises(BadAnswer):
        parser.feed(b"x")


# One job


def test_a_job_is_followed_to_its_end():
    events = [
        ("a-1", [job("queued", position=1), job(id=OTHER)], [ID, OTHER]),
        ("a-2", [job("running", fraction=0.5, words="Making it", preview=1)], None),
        ("a-3", [job("running", fraction=0.9, results=[{"index": 0, "seed": 3}])], None),
        ("a-4", [job("done", fraction=1.0, more="than is known")], None),
        ("a-5", [job("running")], None),
    ]
    with serving(stream(*events, then=silent)) as peer:
        views = list(Client(peer.address).follow(ID))
        assert peer.seen == [("GET", f"/events?job={ID}")]
    assert [(one.state, one.fraction) for one in views] == [
        ("queued", 0),
        ("running", 0.5),
        ("running", 0.9),
        ("done", 1),
    ]
    assert (views[0].position, views[1].words, views[1].preview, views[2].results[0].seed) == (1, "Making it", 1, 3)
    assert [one.over for one in views] == [False, False, False, True]


def test_a_job_that_was_removed_is_followed_no_longer():
    with serving(stream(("a-1", [job()], [ID]), ("a-2", [], [OTHER]), then=silent)) as peer:
        assert [one.state for one in Client(peer.address).follow(ID)] == ["running"]


def test_a_job_that_there_is_not_is_told():
    with serving(lambda handler: handler.json({"error": "There is no such job."}, 404)) as peer:
        following = Client(peer.address).follow(ID)
        with pytest.raises(Refused, match="no such job"):
            next(following)
        assert list(following) == []
        assert len(peer.seen) == 1


def test_waiting_gives_the_job_that_is_done():
    with serving(stream(("a-1", [job()], None), ("a-2", [job("done", texture="Meadow")], None))) as peer:
        assert Client(peer.address).wait(ID).texture == "Meadow"


@pytest.mark.parametrize(
    ("events", "error", "words"),
    [
        ([("a-1", [job("failed", error="There is not enough memory.")], None)], JobFailed, "not enough memory"),
        ([("a-1", [job("failed")], None)], JobFailed, "run it again"),
        ([("a-1", [job("cancelled")], None)], JobCancelled, "was cancelled"),
        ([("a-1", [job()], None), ("a-2", [], [])], JobFailed, "was removed"),
    ],
)
def test_waiting_for_a_job_that_fails_says_why(events, error, words):
    with serving(stream(*events, then=silent)) as peer, pytest.raises(error, match=words) as failed:
        Client(peer.address).wait(ID)
    assert failed.type is error
    assert failed.value.job.id == ID


# All jobs


def test_all_changes_are_given_out():
    events = [("a-1", [job(), job("done", OTHER)], [ID, OTHER]), ("a-2", [job("done")], None), ("a-3", [], [OTHER])]
    with serving(stream(*events, then=silent)) as peer, Client(peer.address).follow_all() as following:
        first, second, third = itertools.islice(following, 3)
        assert peer.seen == [("GET", "/events")]
    assert ([one.id for one in first.jobs], first.ids) == ([ID, OTHER], {ID, OTHER})
    assert ([one.state for one in second.jobs], second.ids) == (["done"], None)
    assert third == Changes((), frozenset({OTHER}))


def test_events_of_other_kinds_are_passed_over():
    def more(handler: Handler) -> None:
        handler.piece(b"event: weather\ndata: sunny\n\n:\n\n")
        handler.event("a-2", job("done"))

    with serving(stream(("a-1", [job()], None), then=more)) as peer:
        assert [one.state for one in Client(peer.address).follow(ID)] == ["running", "done"]


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"jobs": 5}', b'{"jobs": [{}]}', b'{"ids": 1}'])
def test_events_that_are_not_understood_are_told(data):
    def more(handler: Handler) -> None:
        handler.piece(b"event: jobs\ndata: " + data + b"\n\n")

    with serving(stream(then=more)) as peer, pytest.raises(BadAnswer):
        next(Client(peer.address).follow_all())


# Lost connections


def test_after_a_lost_connection_it_goes_on_where_it_was():
    last_ids: list[str | None] = []

    def noting(answer: Callable[[Handler], object]):
        def noted(handler: Handler) -> None:
            last_ids.append(handler.headers["Last-Event-ID"])
            answer(handler)

        return noted

    def cut(handler: Handler) -> None:
        handler.piece(b"id: a-9\nevent: jobs\nda")

    answers = [
        stream(("a-1", [job("queued")], None)),
        lambda handler: None,
        stream(),
        stream(("a-2", [job("running")], None), then=cut),
        lambda handler: handler.wfile.write(b"no HTTP\r\n"),
        stream(("b-1", [job("done")], None)),
    ]
    with serving(in_turn(*map(noting, answers))) as peer:
        assert [one.state for one in Client(peer.address).follow(ID)] == ["queued", "running", "done"]
    assert last_ids == [None, "a-1", "a-1", "a-1", "a-2", "a-2"]


def test_a_backend_that_falls_silent_is_a_lost_connection(monkeypatch):
    monkeypatch.setattr(client_module, "SILENCE", 0.2)
    answers = [stream(("a-1", [job()], None), then=silent), stream(("a-2", [job("done")], None))]
    with serving(in_turn(*answers)) as peer:
        assert [one.state for one in Client(peer.address).follow(ID)] == ["running", "done"]


def test_a_backend_that_was_started_anew_is_followed_where_it_is_now(tmp_path):
    with (
        serving(stream(("a-1", [job()], None))) as old,
        serving(stream(("b-1", [job("done")], None))) as new,
    ):
        following = Client(old.address).follow(ID)
        assert next(following).state == "running"
        (tmp_path / "backend.json").write_text(json.dumps(new.address._asdict()))
        assert [one.state for one in following] == ["done"]


def test_a_backend_of_another_version_is_not_followed(tmp_path):
    with serving(stream(("a-1", [job()], None))) as peer:
        following = Client(peer.address).follow(ID)
        next(following)
        (tmp_path / "backend.json").write_text(json.dumps({**peer.address._asdict(), "version": "0.0.9"}))
        with pytest.raises(VersionMismatch):
            next(following)


def test_without_leave_to_reconnect_a_lost_connection_is_told():
    with serving(in_turn(stream(("a-1", [job()], None)))) as peer:
        following = Client(peer.address).follow_all(reconnect=False)
        next(following)
        with pytest.raises(Unreachable):
            next(following)
        assert list(following) == []


def test_a_backend_that_does_not_come_back_is_given_up():
    with serving(stream(("a-1", [job()], None))) as peer:
        following = Client(peer.address).follow(ID, patience=0.5)
        next(following)
    began = time.monotonic()
    with pytest.raises(Unreachable):
        next(following)
    assert time.monotonic() - began >= 0.5


def test_slow_readers_do_not_lose_their_patience():
    answers = [stream(("a-1", [job()], None)), stream(("a-2", [job("done")], None))]
    with serving(in_turn(*answers)) as peer:
        following = Client(peer.address).follow(ID, patience=0.1)
        next(following)
        time.sleep(0.3)  # in which it was not asked for anything
        assert [one.state for one in following] == ["done"]


# Ending it


@pytest.mark.parametrize("moment", ["before", "connecting", "reading", "waiting"])
def test_another_thread_can_end_it_at_once(moment, monkeypatch):
    monkeypatch.setattr(client_module, "SILENCE", 600)  # so that nothing else ends it
    monkeypatch.setattr("sinddm_plugin.client.following.FIRST_DELAY", 600)
    answers = {
        "before": silent,
        "connecting": silent,
        "reading": stream(("a-1", [job()], None), then=silent),
        "waiting": stream(("a-1", [job()], None)),
    }
    seen: list[object] = []
    with serving(in_turn(answers[moment])) as peer:
        following = Client(peer.address).follow_all()
        thread = threading.Thread(target=lambda: seen.extend(following), daemon=True)
        if moment == "before":
            following.close()
        thread.start()
        if moment != "before":
            until(lambda: len(peer.seen) == 1)
        time.sleep(0.1)  # long enough to be in the middle of it; right in any case
        following.close()
        thread.join(30)
        assert not thread.is_alive()
    assert len(seen) == (moment in ("reading", "waiting"))
    following.close()
    assert list(following) == []


def test_what_was_read_is_given_out_no_more_after_it_was_closed():
    with serving(stream(("a-1", [job(), job("done")], None), then=silent)) as peer:
        following: Following[Any] = Client(peer.address).follow(ID)
        assert next(following).state == "running"
        following.close()
        assert list(following) == []


@pytest.mark.skipif(sys.platform == "win32", reason="open files are counted in another way there")
def test_it_can_be_begun_and_ended_many_times_without_holding_on_to_anything():
    with serving(stream(("a-1", [job("done")], None))) as peer:
        client, process = Client(peer.address), psutil.Process()
        before = process.num_fds()
        for _ in range(50):
            assert client.wait(ID).state == "done"
        until(lambda: process.num_fds() <= before + 2)
