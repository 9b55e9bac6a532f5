"""What happens between the artist and the backend: one session for a program, whatever shows it."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sinddm_plugin.client import ClientError, Fetch, FromSource, JobView, Paint, Result, commands
from sinddm_ui import works
from sinddm_ui.desk import Desk
from sinddm_ui.host import Box, Document, Host, HostError, Insertion, NewLayer
from sinddm_ui.link import Link
from sinddm_ui.notice import Notice, Status, status
from sinddm_ui.qt import QGuiApplication, QObject, QTimer, Signal
from sinddm_ui.settings import Settings
from sinddm_ui.setup import Setup, needs_setup
from sinddm_ui.tasks import BY_KEY, Scene, Source, Task, Wish, learn
from sinddm_ui.tasks.variations import NOUN
from sinddm_ui.textures import Textures
from sinddm_ui.words import Words
from sinddm_ui.works import Results, Work

SAVE_AFTER = 500  # milliseconds after the last choice
CHANCE = 99_999  # the largest seed that is taken by chance: short enough to be copied by hand
MORE_FREEDOM = 0.35  # of what resembles a result


class Session(QObject):
    """Everything that the panel shows, and everything that it can ask for. Its methods and signals are of the main
    thread, and none of them waits. The signals say that the property of that name is another one."""

    document_changed = Signal()
    source_changed = Signal()
    status_changed = Signal()
    works_changed = Signal()
    results_changed = Signal()
    notice_changed = Signal()

    def __init__(self, host: Host, settings: Settings | None = None, parent: QObject | None = None):
        super().__init__(parent)
        self.host = host
        self.settings = settings or Settings()
        self.document: Document | None = None
        self.source = Source()
        self.only_selection = True
        self.notice: Notice | None = None
        self.link = Link(self)
        self.desk = Desk(self.link, self)
        self.textures = Textures(self.link, self._refused, self)
        self.words = Words(self.link, self)
        self.setup = Setup(parent=self)
        self.setup.finished.connect(self._set_up)
        self._previewing: works.Result | None = None
        self._saving = QTimer(self)
        self._saving.setSingleShot(True)
        self._saving.setInterval(SAVE_AFTER)
        self._saving.timeout.connect(self.settings.save)
        self.link.changed.connect(self.status_changed)
        self.desk.works_changed.connect(self.works_changed)
        self.desk.works_changed.connect(self.status_changed)
        self.desk.results_changed.connect(self.results_changed)
        self.desk.failed.connect(self._failed)
        self.desk.refused.connect(self._refused)
        self.desk.learned.connect(self._learned)
        self.desk.fetched.connect(self.words.refresh)
        self.desk.complete.connect(self._put_in)
        self.desk.interrupted.connect(self._interrupted)
        host.watch(self._look)
        self._look()
        if commands.found() is None:
            self.setup.offer()

    # What is shown

    @property
    def scene(self) -> Scene | None:
        """What a task would start from; None where no document is open."""
        return None if self.document is None else Scene(self.document, self.source, self.only_selection)

    @property
    def works(self) -> list[Work]:
        """What was asked for here, the newest last; what is over stays until it is dismissed or there is more."""
        return self.desk.works

    @property
    def results(self) -> Results:
        """What was made here, the newest last."""
        return self.desk.results

    @property
    def jobs(self) -> dict[str, JobView]:
        """All jobs of the backend by id, those of other programs among them."""
        return self.desk.jobs

    @property
    def status(self) -> Status:
        """How the backend is."""
        waiting = sum(job.state == "queued" for job in self.jobs.values())
        active = sum(job.state == "running" for job in self.jobs.values()) + any(one.active for one in self.works)
        device = self.link.health.device if self.link.health else ""
        return status(self.link.state, self.link.waited, device, active, waiting)

    def values(self, task: Task) -> dict[str, Any]:
        """What is chosen for a task."""
        return self.settings.get(self._key, task.key, task.settings)

    @property
    def learn_seconds(self) -> int:
        """How long is learned."""
        return self.settings.get(self._key, "learn", (learn.SECONDS,))["seconds"]

    # What can be chosen

    def choose(self, task: Task, key: str, value: Any) -> None:
        """Choose a value of a task's setting."""
        self._remember(task.key, {**self.values(task), key: value})

    def choose_seconds(self, seconds: int) -> None:
        """Choose how long is learned."""
        self._remember("learn", {"seconds": seconds})

    def choose_source(self, source: Source) -> None:
        """Choose what is learned from."""
        self.source = source
        self.source_changed.emit()

    def choose_only_selection(self, only: bool) -> None:
        """Choose whether layers are learned only where they are selected."""
        self.only_selection = only
        self.source_changed.emit()

    def wake(self) -> None:
        """The artist turns to the panel: start the backend and read the library, so that nothing has to be waited for
        later."""
        if self.setup.state == "idle" and (not self.textures.known or self.link.state == "off"):
            self.textures.refresh()
            self.words.refresh()

    # What can be done

    def make(self, task: Task, at_once: bool = False, source: Source | None = None) -> Work | None:
        """Start a task with what is chosen for it; None if something is missing, which is then told.

        at_once: put what it makes in as layers, as one step, rather than wait for a choice. source: to learn from this
        time.
        """
        scene = self._scene(source)
        if scene is None:
            return None
        values = self.values(task)
        if "seed" in values and not values["seed"]["locked"]:
            values["seed"] = {"value": random.randint(1, CHANCE), "locked": False}
            self._remember(task.key, values)
        return self._start(lambda: task.ask(self.host, scene, values), at_once)

    def learn(self, name: str, seconds: float, source: Source | None = None) -> Work | None:
        """Learn the source, or another one this time, and keep it in the library; None if something is missing, which
        is then told. The name is made one that is free."""
        scene, elsewhere = self._scene(source), source is not None
        return None if scene is None else self._start(lambda: learn.ask(self.host, scene, name, seconds), elsewhere)

    def fetch_model(self) -> Work | None:
        """Fetch what text needs, which the artist has agreed to. It goes on when the editor is closed."""
        if self.words.models is None:
            return None
        model = self.words.models.offer.name
        request = Fetch(model=model, title=model, client=self.host.name)
        return self._hand_in(Work(Wish(request, "fetched once", "", None, model)))

    def add_text(self) -> None:
        """Have the installer add what text needs to SinDDM itself, now and in whatever is tried again."""
        if "text" not in self.setup.words:
            self.setup.words = (*self.setup.words, "--with", "text")
        self.setup.start("")

    def quick(self, task: str, source: Source | None = None) -> Work | None:
        """A task by its key, or "learn", from a menu: with what was chosen last, and the results go in at once."""
        if task != "learn":
            return self.make(BY_KEY[task], True, source)
        layer = self.document.layer(self.document.active) if self.document else None
        return self.learn(layer.name if layer else "", self.learn_seconds, source or Source())

    def cancel(self, work: Work) -> None:
        """End a job. What it has made so far stays."""
        self.desk.cancel(work)

    def pause(self, work: Work) -> None:
        """Stop learning for now."""
        self.desk.tell(work, lambda client, id: client.pause(id))

    def resume(self, work: Work) -> None:
        """Go on learning."""
        self.desk.tell(work, lambda client, id: client.resume(id))

    def finish(self, work: Work) -> None:
        """Stop learning and keep what was learned."""
        self.desk.tell(work, lambda client, id: client.finish(id))

    def hurry(self, work: Work) -> None:
        """Have a job run before all that wait."""
        self.desk.tell(work, lambda client, id: client.move(id, 0))

    def run_again(self, work: Work) -> None:
        """Start a job anew that failed or was cancelled."""
        self.say(None)
        self.desk.run_again(work)

    def dismiss(self, work: Work) -> None:
        """Show a job no more that is over."""
        self.desk.dismiss(work)

    def apply(self, result: works.Result) -> None:
        """Add a result as a new layer, as one undo step."""

        def fetched(found: list[Result]) -> None:
            if self._insert(result.work, found, None):
                result.applied = True
                self.results_changed.emit()

        self.preview(None)
        self.desk.fetch(result.work, [result.index], fetched, self._missing(result.work))

    def preview(self, result: works.Result | None) -> None:
        """Show a result on the canvas; None to show the canvas as it is."""
        if result is self._previewing:
            return
        self._previewing = result
        try:
            if result is None or result.thumbnail is None:
                self.host.hide_preview()
            else:
                wish = result.work.wish
                box = Box(wish.x + result.x, wish.y + result.y, result.width, result.height)
                self.host.show_preview(wish.document, result.thumbnail, box)
        except HostError:  # a preview is not worth a message
            self._previewing = None

    def keep(self, result: works.Result, kept: bool = True) -> None:
        """Have a result stay when others make room, or not."""
        result.kept = kept
        self.results_changed.emit()

    def discard(self, result: works.Result) -> None:
        """Let a result go."""
        if result is self._previewing:
            self.preview(None)
        self.results.remove(result)
        self.results_changed.emit()

    def discard_all(self) -> None:
        """Let all results go that are not kept."""
        self.preview(None)
        self.results.clear()
        self.results_changed.emit()

    def more_like(self, result: works.Result) -> None:
        """Make more that resemble a variation; of other tasks' results, more with other seeds."""
        wish = result.work.wish
        seed = random.randint(1, CHANCE)
        if wish.noun != NOUN:
            self._hand_in(Work(replace(wish, request=replace(wish.request, seed=seed))))
            return

        def fetched(found: list[Result]) -> None:
            old = wish.request
            assert isinstance(old, FromSource)
            request = Paint(
                source=old.source,
                picture=found[0].picture,
                strength=MORE_FREEDOM,
                title=old.title,
                client=old.client,
                attached=True,
                seed=seed,
                count=getattr(old, "count", 1),
                quality=getattr(old, "quality", None),
                engine=getattr(old, "engine", None),
            )
            self._hand_in(Work(replace(wish, request=request)))

        self.desk.fetch(result.work, [result.index], fetched, self._missing(result.work))

    def copy_seed(self, result: works.Result) -> None:
        """Put a result's seed into the clipboard."""
        clipboard = QGuiApplication.clipboard()
        assert clipboard
        clipboard.setText(str(result.seed))
        self.say(Notice(f"The seed {result.seed} is in the clipboard.", error=False))

    def say(self, notice: Notice | None) -> None:
        """Show a notice; None for none."""
        self.notice = notice
        self.notice_changed.emit()

    def close(self) -> None:
        """The program ends. The backend cancels what was asked for here when nobody follows it any more."""
        self.settings.save()
        with suppress(HostError):
            self.host.hide_preview()
        self.link.close()
        self.setup.close()

    # Inside

    @property
    def _key(self) -> str:
        return self.document.key if self.document else ""

    def _remember(self, room: str, values: dict[str, Any]) -> None:
        self.settings.put(self._key, room, values)
        self._saving.start()

    def _look(self) -> None:
        """The document may be another one."""
        try:
            found = self.host.document()
        except HostError:
            found = None
        if found == self.document:
            return
        another = (found and found.id) != (self.document and self.document.id)
        self.document = found
        if another:
            self.preview(None)
            if self.source.kind == "layer":
                self.choose_source(Source())
        self.document_changed.emit()

    def _scene(self, source: Source | None) -> Scene | None:
        self._look()
        if self.document is None:
            self.say(Notice("No picture is open: open one first."))
            return None
        return Scene(self.document, source or self.source, self.only_selection)

    def _start(self, ask: Callable[[], Wish], at_once: bool) -> Work | None:
        try:
            wish = ask()
        except HostError as error:
            self.say(Notice(str(error)))
            return None
        return self._hand_in(Work(wish, at_once))

    def _hand_in(self, work: Work) -> Work:
        self.say(None)
        return self.desk.hand_in(work)

    def _failed(self, work: Work) -> None:
        if not self._unserved(work.unserved, work.error or "", work.details):
            again = Notice(
                work.error or "", details=work.details, button="Run again", help=lambda: self.run_again(work)
            )
            self.say(again)

    def _refused(self, error: ClientError) -> None:
        """Something could not be done that is no job."""
        if not self._unserved(needs_setup(error), str(error)):
            self.say(Notice(str(error), button="Try again", help=self.textures.refresh))

    def _unserved(self, needed: bool, words: str, details: str = "") -> bool:
        """Offer to set SinDDM up, where that is what helps; whether it is."""
        if needed and commands.found() is None:
            self.setup.offer()
        elif needed:
            self.say(Notice(words, details=details, button="Set SinDDM up anew", help=self.setup.offer))
        return needed

    def _set_up(self, words: str) -> None:
        """It is here now."""
        self.link.renew()
        self.say(Notice(words, error=False))
        self.textures.refresh()
        self.words.refresh()

    def _interrupted(self, lost: bool) -> None:
        self.say(
            Notice("SinDDM stopped in the middle of its work and is being started again.", False) if lost else None
        )

    def _learned(self, work: Work) -> None:
        """What was learned in the panel is used from now on, unless another texture was chosen meanwhile; what was
        learned from a menu only is in the library."""
        assert work.job
        self.textures.refresh()
        if work.job.texture and self.source.kind != "texture" and not work.at_once:
            self.choose_source(Source("texture", work.job.texture))

    def _put_in(self, work: Work, found: list[Result]) -> None:
        """All that a job has made becomes layers, as one step."""
        self._insert(work, found, work.wish.group_name(len(found)))

    def _missing(self, work: Work) -> Callable[[ClientError], None]:
        """For when a result's pixels are gone."""
        return lambda error: self.say(Notice(str(error), button="Make it again", help=lambda: self.run_again(work)))

    def _insert(self, work: Work, found: list[Result], group: str | None) -> bool:
        wish = work.wish
        layers = [
            NewLayer(wish.layer_name(one.seed), one.picture, wish.x + one.x, wish.y + one.y) for one in reversed(found)
        ]
        show = [False] * (len(layers) - 1) + [True]
        try:
            self.host.insert(Insertion(wish.document, layers, wish.above, group, show))
        except HostError as error:
            self.say(Notice(str(error)))
            return False
        return True
