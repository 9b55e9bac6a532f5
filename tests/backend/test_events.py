"""Events tell how all jobs are, and lose nothing when a connection is lost."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any, NamedTuple

import pytest
from backends import PATIENCE, Backend, until
from layers import layer
from sinddm_plugin import client as c


class Event(NamedTuple):
    id: str
    jobs: dict[str, Any]
    ids: list[str] | None


def events(backend: Backend, query: str = "", last: str | None = None) -> Iterator[Event | None]:
    """What a stream says; None for a sign of life."""
    connection = listening(backend, query, last)
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["Cache-Control"] == "no-store"
    try:
        while first := answer.readline():
            if first == b":\n":
                assert answer.readline() == b"\n"
                yield None
                continue
            name, data, end = (answer.readline() for _ in range(3))
            assert (first[:4], name, data[:6], end) == (b"id: ", b"event: jobs\n", b"data: ", b"\n")
            told = json.loads(data[6:])
            assert set(told) == {"jobs", "ids"}
            yield Event(first[4:].decode().strip(), {job["id"]: job for job in told["jobs"]}, told["ids"])
    finally:
        connection.close()


def listening(backend: Backend, query: str = "", last: str | None = None) -> HTTPConnection:
    """A connection over which events come."""
    connection = HTTPConnection("127.0.0.1", backend.address.port, timeout=PATIENCE)
    headers = {"Authorization": f"Bearer {backend.address.token}"} | ({} if last is None else {"Last-Event-ID": last})
    connection.request("GET", f"/events?{query}", headers=headers)
    return connection


def small(backend: Backend, **more) -> c.JobView:
    """A job that is done."""
    client = backend.client
    return client.wait(client.submit(c.Generate(source=[layer(40, 32)], quality="draft", **more)).id)


def long_job(backend: Backend) -> c.JobView:
    """A job that runs for longer than any test, in steps so short that it is cancelled at once."""
    client = backend.client
    job = client.submit(c.Generate(source=[layer()], width=600, height=600, count=64))
    until(lambda: client.job(job.id).state == "running")
    return job


def first(backend: Backend, query: str = "seconds=5", last: str | None = None) -> Event:
    event = next(events(backend, query, last))
    assert event
    return event


def test_the_first_event_says_all_and_after_a_lost_connection_only_what_changed_since(backend: Backend):
    one = small(backend)
    everything = first(backend)
    assert one.id in everything.jobs
    assert everything.ids is not None
    assert set(everything.ids) == set(everything.jobs) == {job.id for job in backend.client.jobs()}
    again = first(backend, last=everything.id)
    assert (again.id, again.jobs, again.ids) == (everything.id, {}, everything.ids)
    two, three = small(backend), small(backend)
    later = first(backend, last=everything.id)
    assert set(later.jobs) == {two.id, three.id}
    assert set(first(backend, f"seconds=5&job={two.id}", last=everything.id).jobs) == {two.id}
    assert set(first(backend, f"seconds=5&job={one.id}", last=everything.id).jobs) == set()
    assert set(first(backend, last=later.id).jobs) == set()


@pytest.mark.parametrize("last", ["deadbeef-5", "x", "-", "-1", "1-2-3", "9" * 400, "", "\xb2", "x" * 30_000])
def test_what_no_backend_has_told_counts_for_nothing(backend: Backend, last):
    one = small(backend)
    assert one.id in first(backend, last=last).jobs


@pytest.mark.parametrize("number", ["", "x", "\xb2", "-1", "+1", "1 1", "0x9", "1e3", "9" * 18, "9" * 400])
def test_nor_does_a_number_that_this_one_has_not_told(backend: Backend, number):
    one = small(backend)
    instance = first(backend).id.partition("-")[0]
    assert one.id in first(backend, last=f"{instance}-{number}").jobs


@pytest.mark.parametrize(
    "query", ["seconds=-1", "seconds=x", "seconds=nan", "seconds=3601", "job=x", "job=", "job=..%2f"]
)
def test_a_stream_that_cannot_be_is_refused(backend: Backend, query):
    assert backend.ask("GET", f"/events?{query}")[0] == 422


def test_a_stream_ends_after_its_time(backend: Backend):
    running = long_job(backend)
    for query in ("seconds=0", "seconds=0.2", f"seconds=0.2&job={running.id}"):
        told = list(events(backend, query))
        assert told[0]
        assert running.id in told[0].jobs
    backend.client.cancel(running.id)


def test_a_job_that_was_forgotten_is_not_listed_any_more(backend: Backend):
    one, two = small(backend), small(backend)
    stream = events(backend, "seconds=30")
    next(stream)
    backend.client.forget(one.id)
    listed = next(event.ids for event in stream if event and event.ids is not None)
    assert one.id not in listed
    assert two.id in listed
    assert one.id not in (first(backend).ids or ())


def test_the_stream_of_a_job_ends_when_it_is_forgotten(backend: Backend):
    running, client = long_job(backend), backend.client
    waiting = client.submit(c.Generate(source=[layer()], quality="draft"))
    stream = events(backend, f"job={waiting.id}")
    assert next(stream)
    client.forget(waiting.id)
    *_, last = (event for event in stream if event)
    assert waiting.id not in (last.ids or ())
    client.cancel(running.id)


def test_the_stream_of_a_job_ends_with_it_and_tells_of_no_other(backend: Backend):
    client = backend.client
    job = client.submit(c.Generate(source=[layer()], count=3, quality="draft"))
    told = [event for event in events(backend, f"job={job.id}") if event]
    assert {id for event in told for id in event.jobs} == {job.id}
    assert told[-1].jobs[job.id]["state"] == "done"
    assert list(events(backend, f"job={job.id}"))[-1].jobs[job.id]["state"] == "done"  # type: ignore[union-attr]
    assert backend.ask("GET", "/events?job=0123456789abcdef")[0] == 404


def test_who_waits_behind_another_job_gets_signs_of_life(backend: Backend):
    running, client = long_job(backend), backend.client
    waiting = client.submit(c.Generate(source=[layer()], quality="draft"))
    assert None in list(events(backend, f"job={waiting.id}&seconds=2.5"))
    client.cancel(running.id)
    client.wait(waiting.id)


def test_a_place_in_the_queue_that_changes_is_told(backend: Backend):
    running, client = long_job(backend), backend.client
    waiting = [client.submit(c.Generate(source=[layer()], quality="draft")) for _ in range(2)]
    stream = events(backend, f"job={waiting[1].id}&seconds=30")
    assert next(stream).jobs[waiting[1].id]["position"] == 1  # type: ignore[union-attr]
    client.cancel(waiting[0].id)
    told = next(event for event in stream if event)
    assert told.jobs[waiting[1].id]["position"] == 0
    client.cancel(running.id)
    client.wait(waiting[1].id)


def test_fifty_clients_that_listen_and_one_that_does_not_read_hold_nobody_up(backend: Backend):
    running, client = long_job(backend), backend.client
    one = client.submit(c.Generate(source=[layer()], quality="draft"))
    profile = bytes(300_000)  # is told with each job: the silent one is to be told more than fits between the two
    for _ in range(20):
        client.cancel(client.submit(c.Generate(source=[layer(icc=profile)])).id)
    silent = listening(backend)
    streams = [events(backend, f"job={one.id}") for _ in range(50)]
    for stream in streams:
        assert next(stream)
    client.cancel(running.id)
    for stream in streams:
        *_, last = (event for event in stream if event)
        assert last.jobs[one.id]["state"] == "done"
    told = silent.getresponse()  # it is told when it reads at last
    assert told.readline().startswith(b"id: ")
    silent.close()


def test_clients_that_are_gone_are_no_clients(make_backend):
    backend = make_backend("--idle", "0.02").start()
    silent = [listening(backend) for _ in range(5)]
    for one in silent[:3]:
        one.close()
    streams = [events(backend, query) for query in ("", "seconds=0", "seconds=60")]
    for stream in streams:
        assert next(stream)
        stream.close()  # type: ignore[attr-defined]
    for one in silent[3:]:
        one.getresponse().readline()
        one.close()
    assert until(lambda: backend.process.poll() is not None)


def test_a_job_ends_at_once_when_its_owner_is_gone_and_goes_on_when_somebody_else_is(backend: Backend):
    job = long_job(backend)
    somebody = listening(backend, f"job={job.id}")
    somebody.getresponse().readline()
    somebody.close()
    owner = listening(backend, f"job={job.id}&owner=true")
    owner.getresponse().readline()
    assert backend.client.job(job.id).state == "running"
    owner.sock.close()
    owner.close()
    until(lambda: backend.client.job(job.id).state == "cancelled")


def test_an_owner_hears_the_end_of_a_job_which_stays_done(backend: Backend):
    client = backend.client
    job = client.submit(c.Generate(source=[layer(40, 32)], quality="draft"))
    with client.follow(job.id, owner=True) as changes:
        assert list(changes)[-1].state == "done"
    assert client.job(job.id).state == "done"
