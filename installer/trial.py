"""Whether what was installed works: a backend of its own makes a small picture."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sinddm_installer.course import POLL, Course
from sinddm_plugin.client import Client, ClientError, Generate, Picture
from sinddm_plugin.client.starting import Started, start, start_and_wait

from sinddm.errors import InputError

WIDTH, HEIGHT = 64, 48
FEWEST_VALUES = 8  # in a picture that is none
ENDS_WITHIN = 10.0  # seconds after it was told to
DEVICES = {"cpu": "the processor", "cuda": "the graphics card", "mps": "the graphics processor"}


def try_out(command: list[str], course: Course) -> str:
    """Have a picture made. command: SinDDM's. Returns what it ran on, in words. Raises InputError, Cancelled."""
    with tempfile.TemporaryDirectory(prefix="sinddm-", ignore_cleanup_errors=True) as place, _alone(place, command):
        try:
            started = start()
            try:
                living = start_and_wait(lambda _: course.check(), started=started)
                return _make(Client(living.address), course)
            finally:
                _end(started)
        except ClientError as error:
            raise InputError(f"What was installed does not work: {error}") from error


@contextmanager
def _alone(place: str, command: list[str]) -> Iterator[None]:
    """Have the client find no backend but this one, which knows none of the user's things."""
    wanted = {
        "SINDDM_STATE": place,
        "SINDDM_LIBRARY": str(Path(place) / "library"),
        "SINDDM_BACKEND": shlex.join(command) if os.name == "posix" else f'"{command[0]}"',
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _make(client: Client, course: Course) -> str:
    """A job from its beginning to its end. Raises ClientError, InputError."""
    data = bytes(_wave(x, y, c) for y in range(HEIGHT) for x in range(WIDTH) for c in range(3))
    source = Picture(data, WIDTH, HEIGHT, "rgb")
    job = client.submit(Generate(source=[source], width=WIDTH - 8, height=HEIGHT - 8, quality="draft", seed=1))
    while not job.over:
        time.sleep(POLL)
        course.check()
        job = client.job(job.id)
    if job.state != "done":
        raise InputError(f"What was installed does not work ({job.error or job.state}): start this again.")
    made = client.result(job.id, 0).picture
    if len(set(bytes(made.data))) < FEWEST_VALUES:
        raise InputError("What was installed makes empty pictures: choose the processor, or update the card's driver.")
    return DEVICES.get(client.health().device.partition(":")[0], "this computer")


def _end(started: Started) -> None:
    """End the backend, however it is."""
    with suppress(ClientError):
        Client.connect(start=False).stop()
    try:
        started.process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        started.process.kill()


def _wave(x: int, y: int, channel: int) -> int:
    """A picture with something to learn."""
    return (x * (3 + channel) + y * 5 + (x * y) // 7) % 256
