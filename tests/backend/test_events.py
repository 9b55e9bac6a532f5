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
    connection = HTTPConnection("127.0.0.1", backend.address.port, timeout=PATIENCE)
    headers = {"Authorization": f"Bearer {backend.address.token}"}
    connection.request("GET", f"/events?{query}", headers=headers | ({"Last-Event-ID": last} if last else {}))
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    try:
        fields: dict[str, str] = {}
        while line := answer.readline().decode():
            if line == ":\n":
                yield None
            elif line == "\n" and fields:
                data = json.loads(fields["data"])
                yield Event(fields["id"], {job["id"]: job for job in data["jobs"]}, data["ids"])
                fields = {}
            elif line != "\n":
                name, _, value = line.partition(": ")
                fields[name] = value.rstrip("\n")
    finally:
        connection.close()


def small(backend: Backend, **more) -> c.JobView:
    """A job that is done."""
    client = backend.client
    return client.wait(client.submit(c.Generate(source=[layer(40, 32)], quality="draft", **more)).id)


def long_job(backend: Backend) -> c.JobView:
    client = backend.client
    job = client.submit(c.Generate(source=[layer()], width=3000, height=3000))
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
    assert set(everything.ids or ()) == {job.id for job in backend.client.jobs()}
    two = small(backend)
    assert set(first(backend, last=everything.id).jobs) == {two.id}


@pytest.mark.parametrize("last", ["deadbeef-5", "x", "-", "1-2-3", "9" * 400])
def test_what_another_backend_has_told_counts_for_nothing(backend: Backend, last):
    one = small(backend)
    assert one.id in first(backend, last=last).jobs


def test_a_job_that_was_forgotten_is_not_listed_any_more(backend: Backend):
    one, two = small(backend), small(backend)
    stream = events(backend, "seconds=30")
    next(stream)
    backend.client.forget(one.id)
    listed = next(event.ids for event in stream if event and event.ids is not None)
    assert one.id not in listed
    assert two.id in listed


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
    streams = [events(backend) for _ in range(50)]
    for stream in streams:
        assert next(stream)
    silent = HTTPConnection("127.0.0.1", backend.address.port, timeout=PATIENCE)
    silent.request("GET", "/events", headers={"Authorization": f"Bearer {backend.address.token}"})
    one = small(backend, count=5)
    for stream in streams:
        until(lambda stream=stream: (event := next(stream)) and event.jobs.get(one.id, {}).get("state") == "done")
        stream.close()  # type: ignore[attr-defined]
    silent.close()
