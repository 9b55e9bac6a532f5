"""What the artist can ask for without opening the dock: the layer's menu and Tools > Scripts show the same."""

from __future__ import annotations

from typing import NamedTuple
from xml.sax.saxutils import escape


class Entry(NamedTuple):
    """An entry of a menu."""

    task: str
    """What the session calls it."""
    text: str
    help: str
    shortcut: str = ""
    sources: str = ""
    """What its submenu offers to learn from: "" for none, or of "textures layers"."""

    @property
    def action(self) -> str:
        """Its name among Krita's actions."""
        return f"sinddm_{self.task}"


ENTRIES = (
    Entry(
        "learn",
        "Learn texture",
        "Learn this layer, or all that are marked, and keep it in the library",
        "Ctrl+Alt+Shift+L",
    ),
    Entry("generate", "Variations", "Add new layers with variations of this one", "Ctrl+Alt+Shift+V"),
    Entry("tile", "Seamless tile", "Add a new layer that repeats without a seam", "Ctrl+Alt+Shift+T"),
    Entry("fill", "Fill selection", "Fill the selected area of this layer with its own texture", "Ctrl+Alt+Shift+F"),
    Entry(
        "harmonize",
        "Harmonize into the picture below",
        "Make what is on this layer belong to the picture beneath it",
        "Ctrl+Alt+Shift+H",
    ),
    Entry(
        "paint",
        "Paint in the style of",
        "Turn the rough shapes on this layer into a picture of a texture",
        "Ctrl+Alt+Shift+P",
        "textures",
    ),
    Entry(
        "style",
        "Style from",
        "Give this layer the look of a texture or of another layer",
        "Ctrl+Alt+Shift+S",
        "textures layers",
    ),
)
CATEGORY = "Scripts"  # Krita's configuration of shortcuts lists them there


def action_file() -> str:
    """The entries in XML, as Krita reads the shortcuts of a plugin."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<ActionCollection version="2" name="{CATEGORY}">\n'
        f'  <Actions category="{CATEGORY}">\n    <text>SinDDM</text>\n'
        + "".join(_described(entry) for entry in ENTRIES)
        + "  </Actions>\n</ActionCollection>\n"
    )


def _described(entry: Entry) -> str:
    return f"""    <Action name="{entry.action}">
      <icon></icon>
      <text>SinDDM: {escape(entry.text)}</text>
      <whatsThis></whatsThis>
      <toolTip>{escape(entry.help)}</toolTip>
      <iconText></iconText>
      <activationFlags>0</activationFlags>
      <activationConditions>0</activationConditions>
      <shortcut>{escape(entry.shortcut)}</shortcut>
      <isCheckable>false</isCheckable>
      <statusTip></statusTip>
    </Action>
"""
