"""Setting SinDDM up from within GIMP, in a dialog of its own: the panel comes only with what is set up here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sinddm_plugin.client import Cancelled, ClientError, Runner
from sinddm_plugin.setup import Event, Installing, Plan, SetupFailed, Step, look
from sinddm_plugin.setup.events import size

from .api import GLib, user_interface

TITLE = "SinDDM is not on this computer yet"
WHAT = "SinDDM works on this computer, so its engine has to be here. Your pictures stay on it."
LOOKING = "Looking at this computer."
WORDS = ("--editors", "none")
WIDTH = 440
PULSE = 200  # milliseconds between two movements of a bar that knows no end


def offer() -> bool:
    """Show the dialog and wait for its end; whether SinDDM is here now."""
    loop, found = GLib.MainLoop(), [False]

    def ended(good: bool) -> None:
        found[0] = good
        loop.quit()

    Dialog(ended)
    loop.run()
    return found[0]


class Dialog:
    """The offer with its sizes, then how far it is, or what went wrong. ended: called once, with whether it is done."""

    def __init__(self, ended: Callable[[bool], object]):
        self._gtk, ui = user_interface()
        ui.init("sinddm")
        self._ended = ended
        self._runner = Runner(lambda call: GLib.idle_add(_once, call))
        self._work: Installing | None = None
        self._plan: Plan | None = None
        self._build()
        self._look()

    def _build(self) -> None:
        """The widgets, from top to bottom."""
        gtk = self._gtk
        self._window = gtk.Dialog(title="SinDDM")
        self._window.set_default_size(WIDTH, -1)
        self._title, self._about, self._told = _label(gtk), _label(gtk), _label(gtk)
        self._builds, self._bar = gtk.ComboBoxText(), gtk.ProgressBar()
        self._builds.set_tooltip_text("What the engine computes with")
        self._builds.connect("changed", lambda _: self._tell_sizes())
        area = self._window.get_content_area()
        area.set_spacing(12)
        area.set_border_width(12)
        for one in (self._title, self._about, self._builds, self._told, self._bar):
            area.pack_start(one, False, False, 0)
        self._window.add_button("_Cancel", gtk.ResponseType.CANCEL)
        self._go = self._window.add_button("_Set SinDDM up", gtk.ResponseType.OK)
        self._go.set_tooltip_text("Fetch the engine and put it in its folder")
        self._window.connect("response", lambda _, answer: self._answered(answer))
        self._window.show_all()
        GLib.timeout_add(PULSE, self._pulse)

    def _look(self) -> None:
        self._show(TITLE, WHAT, LOOKING)
        self._runner.run(lambda: look(*WORDS), self._looked, self._fail)

    def _looked(self, plan: Plan) -> None:
        self._plan = plan
        if plan.problem:
            self._show(TITLE, plan.problem, again=True)
            return
        self._builds.remove_all()
        for one in plan.builds:
            if one.possible:
                self._builds.append(one.key, f"Runs on: {one.name}")
        self._show(TITLE, WHAT, offered=True)
        self._builds.set_active_id(plan.chosen)

    def _tell_sizes(self) -> None:
        build = self._plan.build(self._builds.get_active_id() or "") if self._plan else None
        if self._plan and build:
            fetched = f"About {size(build.download)} are fetched, and it" if build.download else "It"
            free = f"{size(self._plan.free)} are free there."
            self._told.set_text(f"{build.why.rstrip('.')}. {fetched} takes {size(build.disk)}. {free}")

    def _answered(self, answer: Any) -> None:
        """A button, or the window was closed."""
        if answer != self._gtk.ResponseType.OK:
            self._close(False)
        elif self._plan is None or self._plan.problem:
            self._look()
        else:
            build = self._builds.get_active_id() or ""
            work = self._work = Installing("install", "--yes", *WORDS, *(["--build", build] if build else []))
            self._show("SinDDM is being set up", "Starting", "You can go on painting meanwhile.", working=True)
            self._runner.run(work.run, lambda _: self._close(True), self._fail, self._step)

    def _step(self, event: Event) -> None:
        if isinstance(event, Step):
            self._about.set_text(f"Step {event.at} of {event.count}: {event.words}")
            if event.fraction is not None:
                self._bar.set_fraction(event.fraction)
            self._known = event.fraction is not None
            self._bar.set_text(f"{size(event.done)} of {size(event.total)}" if self._known else "")
            self._bar.set_show_text(self._known)

    def _fail(self, error: ClientError) -> None:
        if isinstance(error, Cancelled):
            return
        self._work = None
        if isinstance(error, SetupFailed) and error.details:
            self._about.set_tooltip_text(error.details)
        self._show("SinDDM could not be set up", str(error), again=True)

    def _show(self, title: str, about: str, told: str = "", **what: bool) -> None:
        """offered: with the choices; working: with the bar; again: with a button to try again."""
        self._title.set_markup(f"<b>{GLib.markup_escape_text(title)}</b>")
        self._about.set_text(about)
        self._told.set_text(told)
        self._known = False
        offered, working, again = (what.get(name, False) for name in ("offered", "working", "again"))
        self._builds.set_visible(offered)
        self._told.set_visible(bool(told) or offered)
        self._bar.set_visible(working)
        self._go.set_visible(offered or again)
        self._go.set_label("_Try again" if again else "_Set SinDDM up")

    def _pulse(self) -> bool:
        if self._window is None:
            return GLib.SOURCE_REMOVE
        if not self._known:
            self._bar.pulse()
        return GLib.SOURCE_CONTINUE

    def _close(self, good: bool) -> None:
        window, self._window = self._window, None
        if window is None:
            return
        if self._work is not None and not good:
            self._work.cancel()
        self._runner.close()
        window.destroy()
        self._ended(good)


def _label(gtk: Any) -> Any:
    label = gtk.Label(xalign=0, wrap=True)
    label.set_max_width_chars(60)
    return label


def _once(call: Callable[[], object]) -> bool:
    call()
    return GLib.SOURCE_REMOVE
