"""What the artist sees while SinDDM is set up."""

from __future__ import annotations

from typing import Any

from sinddm_plugin.setup import Build, Plan
from sinddm_plugin.setup.events import size
from sinddm_ui.panel.look import SPACE, Fold, button, named, words
from sinddm_ui.panel.wrap import Wrap
from sinddm_ui.qt import QComboBox, QProgressBar, QPushButton, QSizePolicy, Qt, QVBoxLayout, QWidget, Signal
from sinddm_ui.setup import Setup

WHAT = "SinDDM works on this computer, so its engine has to be here. Your pictures stay on it."
MEANWHILE = "You can go on painting meanwhile."
STEPS = 1000  # of the bar


class SetupView(QWidget):
    """The offer with its sizes, then how far it is, or what went wrong."""

    wanted = Signal(str)
    """It is to be set up, for the build of this key; empty for the one that suits."""

    def __init__(self, setup: Setup, what: str = WHAT, meanwhile: str = MEANWHILE, more: QWidget | None = None):
        """what: it is for; meanwhile: what can be done while it runs. more: choices of a window that has nothing
        else to show."""
        super().__init__()
        self._setup, self._what, self._meanwhile, self._more = setup, what, meanwhile, more
        self._title, self._about, self._told = words(), words(), words(small=True)
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self._builds = named(QComboBox(), "Runs on", "What the engine computes with")
        self._builds.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._builds.activated.connect(lambda _: self._tell_sizes())
        self._go = named(QPushButton("Set SinDDM up"), "Set SinDDM up", "Fetch the engine and put it in its folder")
        self._go.clicked.connect(lambda _=False: self.wanted.emit(self._builds.currentData() or ""))
        self._bar = named(QProgressBar(), "How far it is", "How much of this step is done")
        self._bar.setTextVisible(False)
        self._cancel = button("Cancel", "Stop it. What was fetched is kept", setup.cancel)
        self._again = button("Look again", "Find out anew what can be done", setup.look_again)
        self._close = button("Not now", "Show the panel without it", setup.dismiss)
        self._details = words(small=True)
        self._details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._fold = Fold("Details", "For who wants to report it", self._details)
        lay = QVBoxLayout(self)
        lay.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        lay.setSpacing(SPACE)
        for one in (self._title, self._about, more, self._builds, self._told, self._bar, self._go):
            if one is not None:
                lay.addWidget(one)
        lay.addLayout(Wrap((self._cancel, self._again, self._close, self._fold)))
        lay.addWidget(self._details)
        lay.addStretch()
        setup.changed.connect(self.refresh)
        self.refresh()

    def showEvent(self, a0: Any) -> None:  # noqa: N802 - Qt's name
        """Only who sees it needs to know what would be done."""
        super().showEvent(a0)
        self._setup.look()

    def refresh(self) -> None:
        """Show it as it is."""
        setup, plan = self._setup, self._setup.plan
        working, failed = setup.state == "working", setup.state == "failed"
        able = setup.state == "offered" and plan is not None and not plan.problem
        self._title.setText(_title(setup.state, plan))
        self._builds.setVisible(able)
        if self._more is not None:
            self._more.setVisible(able)
        self._bar.setVisible(working)
        self._go.setVisible(able or failed)
        self._go.setText("Try again" if failed else "Set SinDDM up")
        self._go.setAccessibleName(self._go.text())
        self._cancel.setVisible(working)
        self._again.setVisible(failed or (plan is not None and bool(plan.problem) and not working))
        self._close.setVisible(self._more is None and not working)
        self._told.setVisible(not failed)
        self._fold.setVisible(bool(setup.details))
        self._fold.setChecked(False)
        self._details.setText(setup.details)
        if working:
            self._show_step()
        elif failed:
            self._about.setText(setup.error)
            self._told.setText("")
        elif plan is None:
            self._about.setText(self._what)
            self._told.setText("Looking at this computer.")
        elif plan.problem:
            self._about.setText(plan.problem)
            self._told.setText("")
        else:
            self._about.setText(self._what)
            self._offer(plan)

    def _show_step(self) -> None:
        step = self._setup.step
        self._about.setText(f"Step {step.at} of {step.count}: {step.words}" if step else "Starting")
        known = step is not None and step.fraction is not None
        self._bar.setRange(0, STEPS if known else 0)
        if step is not None and known:
            self._bar.setValue(round(STEPS * (step.fraction or 0)))
        bytes = f"{size(step.done)} of {size(step.total)}. " if step and known else ""
        self._told.setText(bytes + self._meanwhile)

    def _offer(self, plan: Plan) -> None:
        """What can be chosen, and what it takes."""
        possible = [one for one in plan.builds if one.possible]
        if [one.key for one in possible] != [self._builds.itemData(at) for at in range(self._builds.count())]:
            self._builds.clear()
            for one in possible:
                self._builds.addItem(f"Runs on: {one.name}", one.key)
            self._builds.setCurrentIndex(max(0, self._builds.findData(plan.chosen)))
        self._tell_sizes()

    def _tell_sizes(self) -> None:
        plan = self._setup.plan
        build = plan.build(self._builds.currentData()) if plan else None
        if plan and build:
            self._told.setText(" ".join([_why(plan, build), _sizes(build), f"{size(plan.free)} are free there."]))
            self._told.setToolTip(plan.folder)


def _title(state: str, plan: Plan | None) -> str:
    if state == "working":
        return "SinDDM is being set up"
    if state == "failed":
        return "SinDDM could not be set up"
    if plan is not None and plan.installed:
        return (
            f"SinDDM {plan.version} can take the place of {plan.installed}"
            if plan.installed != plan.version
            else ("SinDDM can be set up anew")
        )
    return "SinDDM is not on this computer yet"


def _why(plan: Plan, build: Build) -> str:
    """Why it was chosen; and why another one cannot be, where one might wonder."""
    others = [one.why for one in plan.builds if not one.possible and "No such" not in one.why]
    return " ".join([f"{build.why.rstrip('.')}." if build.why else "", *others]).strip()


def _sizes(build: Build) -> str:
    if not build.disk:
        return "Most of it is here already."
    fetched = f"About {size(build.download)} are fetched, and it" if build.download else "It"
    return f"{fetched} takes {size(build.disk)}."
