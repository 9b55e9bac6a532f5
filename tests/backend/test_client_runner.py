"""Work beside the main thread: its outcome comes back to it, in order, and nothing comes after the end."""

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from peer import Handler, job, serving
from sinddm_plugin.client import Client, ClientError, JobView, Refused, Runner, Unreachable

ID = job()["id"]


class Editor:
    """A main thread: this one, when it is told to work."""

    def __init__(self) -> None:
        self._posted: queue.Queue[Callable[[], None]] = queue.Queue()
        self.heard: list[Any] = []
        self.threads: set[str] = set()
        self.runner = Runner(self._posted.put)

    def hears(self, what: Any) -> None:
        """A callback."""
        self.threads.add(threading.current_thread().name)
        self.heard.append(what)

    def works_until(self, count: int) -> list[Any]:
        """Call what was posted until `count` callbacks were."""
        while len(self.heard) < count:
            self._posted.get(timeout=60)()
        return self.heard

    def works(self) -> None:
        """Call all that was posted by now."""
        while not self._posted.empty():
            self._posted.get()()


@pytest.fixture
def editor(tmp_path, monkeypatch) -> Editor:
    monkeypatch.setenv("SINDDM_STATE", str(tmp_path))
    return Editor()


def ended() -> None:
    """Wait until no thread of a runner is left."""
    for thread in threading.enumerate():
        if thread.name == "sinddm":
            thread.join(60)
            assert not thread.is_alive()


def test_work_is_done_in_another_thread_and_told_in_the_main_one(editor):
    editor.runner.run(lambda: threading.current_thread().name, editor.hears, pytest.fail)
    (name,) = editor.works_until(1)
    assert name != threading.current_thread().name
    assert editor.threads == {threading.current_thread().name}


def test_nothing_is_waited_for(editor):
    go = threading.Event()
    editor.runner.run(lambda: go.wait(60), editor.hears, pytest.fail)
    editor.works()
    assert editor.heard == []
    go.set()
    assert editor.works_until(1) == [True]


def test_what_is_on_the_way_is_told_in_order(editor):
    def work(tell: Callable[[int], None]) -> str:
        for n in range(50):
            tell(n)
        return "done"

    editor.runner.run(work, editor.hears, pytest.fail, progress=editor.hears)
    assert editor.works_until(51) == [*range(50), "done"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Refused(409, "There is already one: choose another name."), "There is already one: choose another name."),
        (MemoryError(), "There is not enough memory for this: close other pictures and try again."),
        (
            KeyError("a\nb"),
            r"Something went wrong in the plugin (KeyError 'a\nb'): try again, and report it if it stays so.",
        ),
        (ValueError(" of\n  lines. "), "Something went wrong in the plugin (ValueError of lines): "),
        (RuntimeError(), "Something went wrong in the plugin (RuntimeError): "),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence(editor, error, words):
    def work() -> None:
        raise error

    editor.runner.run(work, pytest.fail, editor.hears)
    (told,) = editor.works_until(1)
    assert isinstance(told, ClientError)
    assert str(told).startswith(words)
    assert told is error or told.__cause__ is error


def test_a_callback_that_fails_is_the_editors_to_see(editor):
    def done(_: object) -> None:
        raise ZeroDivisionError

    editor.runner.run(lambda: 1, done, editor.hears)
    with pytest.raises(ZeroDivisionError):
        editor.works_until(1)
    ended()
    editor.works()
    assert editor.heard == []


def test_after_the_end_nothing_is_called_also_not_what_was_posted_before(editor):
    posted, go = threading.Event(), threading.Event()

    def work(tell: Callable[[str], None]) -> str:
        tell("posted before")
        posted.set()
        go.wait(60)
        tell("told after")
        return "done after"

    editor.runner.run(work, editor.hears, editor.hears, editor.hears)
    assert posted.wait(60)
    editor.runner.close()
    go.set()
    ended()
    editor.works()
    assert editor.heard == []


def test_nothing_is_posted_to_an_editor_that_closed_it():
    called: list[object] = []
    runner, go = Runner(called.append), threading.Event()
    runner.run(lambda: go.wait(60), print, print)
    runner.close()
    go.set()
    ended()
    assert called == []


# Following


def running_then(*states: str) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        handler.begin_stream()
        for n, state in enumerate(states):
            handler.event(f"a-{n}", job(state))
        handler.server.over.wait(60)

    return answer


def test_changes_of_a_job_are_told_and_then_its_end(editor):
    with serving(running_then("queued", "running", "done")) as peer:
        editor.runner.follow(Client(peer.address).follow(ID), editor.hears, editor.hears)
        *views, end = editor.works_until(4)
    assert [one.state for one in views if isinstance(one, JobView)] == ["queued", "running", "done"]
    assert end is None
    assert editor.threads == {threading.current_thread().name}


def test_a_lost_connection_is_told_as_the_end(editor):
    with serving(Handler.hang_up) as peer:
        editor.runner.follow(Client(peer.address).follow_all(reconnect=False), pytest.fail, editor.hears)
        (error,) = editor.works_until(1)
    assert isinstance(error, Unreachable)


def test_closing_one_ends_it(editor):
    with serving(running_then("queued")) as peer:
        following = Client(peer.address).follow(ID)
        editor.runner.follow(following, editor.hears, editor.hears)
        editor.works_until(1)
        following.close()
        assert editor.works_until(2)[1] is None
        ended()


@pytest.mark.parametrize("when", ["while it reads", "before it begins"])
def test_closing_the_runner_ends_all(editor, when):
    with serving(running_then("queued")) as peer:
        if when == "before it begins":
            editor.runner.close()
        for _ in range(3):
            editor.runner.follow(Client(peer.address).follow(ID), editor.hears, editor.hears)
        if when == "while it reads":
            editor.works_until(3)
            time.sleep(0.05)
        editor.runner.close()
        ended()
        editor.works()
    assert len(editor.heard) == (3 if when == "while it reads" else 0)
