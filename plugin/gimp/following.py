"""Which image the artist works on: GIMP does not tell, so it is concluded from what changes. Needs no gi."""

from __future__ import annotations

from collections.abc import Hashable, Mapping


class ActiveImage:
    """The image whose menu was used last, or that alone has changed since: its layers, its selection, what is undone.

    Images are known by their numbers; newer ones have larger numbers.
    """

    def __init__(self) -> None:
        self._states: dict[int, Hashable] | None = None
        self._latest: list[int] = []  # the one that was worked on last is the last

    def choose(self, image: int) -> None:
        """Its menu was used."""
        if image in self._latest:
            self._latest.remove(image)
        self._latest.append(image)

    def see(self, states: Mapping[int, Hashable]) -> int | None:
        """The active one of those that are open; None if none is. states: whatever differs once an image has changed.

        Where several have changed at once that was not the artist, who works on one: then it stays the one it was.
        """
        before, self._states = self._states, dict(states)
        self._latest = [image for image in self._latest if image in states]
        if before is not None:
            changed = [image for image, state in states.items() if image not in before or before[image] != state]
            if len(changed) == 1:
                self.choose(changed[0])
        if not self._latest and states:
            self._latest = [max(states)]
        return self._latest[-1] if self._latest else None
