"""The face for people at a terminal: plain lines, of which the last one is written anew where that can be seen."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable

from sinddm_plugin.setup import Build, Event, Plan, Step
from sinddm_plugin.setup.events import size

BAR = 24  # characters


class Console:
    """Shows how far it is. Its `tell` takes what the work tells."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._shown: tuple[int, str] = (0, "")

    def tell(self, event: Event) -> None:
        """Show it."""
        if isinstance(event, Step):
            self._step(event)

    def end(self, words: str) -> None:
        """The last words."""
        if self._live and self._shown[0]:
            print()
        print(words)

    def _step(self, step: Step) -> None:
        head = f"[{step.at}/{step.count}] {step.words}"
        if not self._live:
            if (step.at, step.words) != self._shown:
                print(head, flush=True)
        else:
            if self._shown[0] not in (0, step.at):
                print()
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{(head + _bar(step))[:width]:<{width}}", end="", flush=True)
        self._shown = (step.at, step.words)


def show(plan: Plan) -> None:
    """What would be done."""
    there = f" (there is {plan.installed})" if plan.installed else ""
    print(f"SinDDM {plan.version}{there}, in {plan.folder}, where {size(plan.free)} are free")
    if plan.source:
        print(f"from the wheels in {plan.source}")
    print("It can run on:")
    for build in plan.builds:
        mark = "*" if build.key == plan.chosen else " " if build.possible else "-"
        print(f"  {mark} {build.key:8} {build.name}: {_sizes(build)}{build.why}")
    print("The plugin can go into:" if plan.targets else "There is no Krita and no GIMP here.")
    for target in plan.targets:
        told = target.problem or ". ".join(filter(None, ["it is in it" if target.has else "", target.note]))
        print(f"    {target.key:18} {target.name}{f': {told}' if told else ''}")
    if plan.problem:
        print(plan.problem)


def ask(question: str, usual: str, accepts: Callable[[str], bool]) -> str:
    """An answer from the terminal; the usual one where it is empty. Raises EOFError."""
    while True:
        answer = input(f"{question} [{usual}] ").strip() or usual
        if accepts(answer):
            return answer
        print("That is none of them.")


def _sizes(build: Build) -> str:
    if not build.possible:
        return ""
    if not build.disk:
        return "most of it is here. "
    fetched = f"about {size(build.download)} to fetch, " if build.download else ""
    return f"{fetched}{size(build.disk)} on the disk. "


def _bar(step: Step) -> str:
    if step.fraction is None:
        return ""
    full = round(step.fraction * BAR)
    return f"  [{'=' * full}{' ' * (BAR - full)}] {size(step.done)} of {size(step.total)}"
