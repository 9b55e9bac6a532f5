"""What the artist can ask for, from layers to new layers, with a real backend."""

import os
import signal

import numpy as np
import pytest
from hosts import Arrays, waves
from sinddm_plugin.client import Generate, Picture
from sinddm_ui.host import Box
from sinddm_ui.session import Session
from sinddm_ui.settings import Settings
from sinddm_ui.tasks import BY_KEY, TASKS, Source
from waiting import until


def ready(session: Session, host: Arrays, key: str) -> Source | None:
    """What a task needs; returns the source that it is to have."""
    if key in ("fill", "place"):
        host.selection = Box(40, 30, 24, 18)
    if key in ("paint", "style", "harmonize"):
        host.add("apple", "Apple", waves(7, 40, 30), 30, 20)
    host.tell()
    return Source("layer", "meadow") if key in ("paint", "style") else None


SIZES = {"fill": (24, 18), "expand": (376, 346), "paint": (40, 30), "style": (40, 30)}
CORNERS = {"fill": (40, 30), "expand": (-128, -128), "paint": (30, 20), "style": (30, 20)}


@pytest.mark.parametrize("key", BY_KEY)
def test_a_task_makes_results_that_become_layers_where_they_belong(session: Session, host: Arrays, key):
    source = ready(session, host, key)
    work = session.make(BY_KEY[key], source=source)
    assert work, session.notice and session.notice.words
    until(lambda: not work.active)
    assert work.state == "done", work.error
    found = session.results.of(work)
    until(lambda: all(one.thumbnail for one in found))
    assert len(found) == 2
    assert not host.inserted
    session.apply(found[1])
    until(lambda: found[1].applied)
    (layer,) = host.inserted[0].layers
    noun, name = BY_KEY[key].noun, "Apple" if key in ("paint", "style", "harmonize") else "Meadow"
    assert layer.name == f"{name} - {noun} (seed {found[1].seed})"
    if key != "harmonize":
        assert (layer.picture.width, layer.picture.height) == SIZES.get(key, (120, 90))
        assert (layer.x, layer.y) == CORNERS.get(key, (0, 0))
    else:
        assert (layer.x, layer.y) >= (20, 12)
        assert layer.picture.width < 60


def test_from_a_menu_a_set_goes_in_as_one_step_with_one_layer_seen(session: Session, host: Arrays):
    work = session.quick("generate")
    assert work
    until(lambda: host.inserted)
    (insertion,) = host.inserted
    assert insertion.group == "Meadow - 2 variations"
    assert insertion.above == "meadow"
    assert insertion.show == [False, True]
    request = work.wish.request
    assert isinstance(request, Generate)
    seeds = [layer.name.split("seed ")[1] for layer in insertion.layers]
    assert seeds == [f"{request.seed + 1})", f"{request.seed})"]
    assert not session.results.all


def test_the_same_seed_makes_the_same_picture(session: Session, host: Arrays):
    task = BY_KEY["generate"]
    session.choose(task, "seed", {"value": 5, "locked": True})
    for _ in range(2):
        session.quick("generate")
        until(lambda: not session.works[-1].active)
    until(lambda: len(host.inserted) == 2)
    first, second = ([bytes(layer.picture.data) for layer in one.layers] for one in host.inserted)
    assert first == second
    assert session.values(task)["seed"] == {"value": 5, "locked": True}


def test_nothing_outside_a_selection_is_in_a_fill(session: Session, host: Arrays):
    host.selection = Box(40, 30, 24, 18)
    host.tell()
    work = session.quick("fill")
    assert work
    until(lambda: host.inserted)
    layer = host.inserted[0].layers[-1]
    assert (layer.x, layer.y, layer.picture.width, layer.picture.height) == (40, 30, 24, 18)
    filled = np.frombuffer(bytes(layer.picture.data), np.uint8).reshape(18, 24, 4)
    assert (filled[..., 3] == 255).all()
    assert not np.array_equal(filled, waves()[30:48, 40:64])


def test_learning_puts_a_texture_into_the_library_which_is_then_used(session: Session):
    work = session.learn("Meadow: ü/\N{LEAF FLUTTERING IN WIND}", 1)
    assert work
    until(lambda: not work.active)
    assert work.state == "done", work.error
    until(lambda: session.source.kind == "texture" and session.textures.all)
    assert session.source.name == "Meadow ü \N{LEAF FLUTTERING IN WIND}"
    again = session.make(BY_KEY["generate"])
    assert again
    request = again.wish.request
    assert isinstance(request, Generate)
    assert request.source == session.source.name
    session.cancel(again)
    session.textures.rename(session.source.name, "Wiese")
    until(lambda: [one.name for one in session.textures.all] == ["Wiese"])
    session.textures.delete("Wiese")
    until(lambda: not session.textures.all)


def test_more_that_resemble_a_result_are_made_of_it(session: Session):
    work = session.make(BY_KEY["generate"])
    assert work
    until(lambda: not work.active)
    session.more_like(session.results.all[0])
    until(lambda: session.works[-1] is not work)
    more = session.works[-1]
    until(lambda: not more.active)
    assert more.state == "done", more.error
    assert len(session.results.of(more)) == 2
    assert more.wish.request.task == "paint"


def test_a_job_is_cancelled_at_once_and_what_it_made_stays(session: Session):
    task = BY_KEY["generate"]
    session.choose(task, "count", 16)
    session.choose(task, "quality", "best")
    work = session.make(task)
    assert work
    until(lambda: len(work.seen) >= 1)
    session.cancel(work)
    assert work.state == "cancelled"
    until(lambda: work.job is not None and work.job.over)
    assert 1 <= len(session.results.of(work)) < 16


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("fill", "Nothing is selected: select the area first."),
        ("place", "Nothing is selected: select the area first."),
        ("paint", "Choose above what it is to look like: another layer, or a texture of the library."),
        ("style", "Choose above what it is to look like: another layer, or a texture of the library."),
    ],
)
def test_what_is_missing_is_said_before_anything_is_sent(session: Session, key, sentence):
    assert session.scene
    assert BY_KEY[key].missing(session.scene) == sentence
    assert session.make(BY_KEY[key]) is None
    assert session.notice
    assert session.notice.words == sentence
    assert not session.works


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.key)
def test_without_a_picture_or_with_an_empty_layer_every_task_says_what_to_do(session: Session, host: Arrays, task):
    host.add("empty", "Nothing", np.zeros((0, 0, 4), np.uint8))
    assert session.make(task) is None
    assert session.notice
    assert "The layer Nothing is empty" in session.notice.words or "selected" in session.notice.words
    host.open = False
    host.tell()
    assert session.make(task) is None
    assert session.notice.words == "No picture is open: open one first."


def test_a_picture_that_was_closed_meanwhile_loses_no_result(session: Session, host: Arrays):
    work = session.quick("tile")
    assert work
    host.open = False
    host.tell()
    until(lambda: not work.active)
    until(lambda: session.notice is not None)
    assert session.notice
    assert session.notice.words == "The picture is closed: open it again."


def test_a_backend_that_is_killed_is_told_and_started_again(session: Session):
    task = BY_KEY["generate"]
    session.choose(task, "count", 16)
    session.choose(task, "quality", "best")
    work = session.make(task)
    assert work
    until(lambda: work.job is not None and work.job.state == "running")
    assert session.link.health
    said = []
    session.notice_changed.connect(lambda: said.append(session.notice.words if session.notice else None))
    os.kill(session.link.health.pid, signal.SIGKILL)
    until(lambda: not work.active)
    assert "SinDDM stopped in the middle of its work and is being started again." in said
    assert session.notice
    assert session.notice.button == "Run again"
    session.choose(task, "count", 1)
    session.choose(task, "quality", "draft")
    again = session.make(task)
    assert again
    until(lambda: not again.active)
    assert again.state == "done", again.error


def test_choices_are_remembered_for_each_picture(session: Session, host: Arrays, tmp_path):
    task = BY_KEY["generate"]
    session.choose(task, "closeness", 0.9)
    host.key = "another"
    host.tell()
    session.choose(task, "closeness", 0.1)
    session.settings.save()
    later = Settings(tmp_path / "panel.json")
    assert later.get("a picture", "generate", task.settings)["closeness"] == 0.9
    assert later.get("another", "generate", task.settings)["closeness"] == 0.1
    assert later.get("a third", "generate", task.settings)["closeness"] == 0.1


@pytest.mark.parametrize("text", ["", "[]", "{", '{"documents": {"": {"generate": {"count": "many"}}}}'])
def test_settings_that_cannot_be_read_are_the_defaults(tmp_path, text):
    (tmp_path / "panel.json").write_text(text)
    task = BY_KEY["generate"]
    assert Settings(tmp_path / "panel.json").get("", "generate", task.settings) == task.defaults()


def test_old_results_make_room_but_those_that_are_kept(session: Session):
    session.results.most = 300_000
    for _ in range(3):
        work = session.make(BY_KEY["tile"])
        assert work
        until(lambda work=work: not work.active and all(one.thumbnail for one in session.results.of(work)))
        session.keep(session.results.all[0])
    kept = session.results.all[0]
    assert kept in session.results.all
    assert len(session.results) < 6
    session.discard_all()
    assert session.results.all == [kept]


def test_a_preview_is_shown_where_the_result_belongs(session: Session, host: Arrays):
    host.selection = Box(40, 30, 24, 18)
    host.tell()
    work = session.make(BY_KEY["fill"])
    assert work
    until(lambda: not work.active and all(one.thumbnail for one in session.results.of(work)))
    session.preview(session.results.of(work)[0])
    assert host.shown
    picture, box = host.shown
    assert box == Box(40, 30, 24, 18)
    assert isinstance(picture, Picture)
    session.preview(None)
    assert host.shown is None
