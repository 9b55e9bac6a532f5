"""What can be made, a module each. Standard library only: every editor's plugin uses them."""

from sinddm_ui.tasks.expand import EXPAND
from sinddm_ui.tasks.fill import FILL
from sinddm_ui.tasks.harmonize import HARMONIZE
from sinddm_ui.tasks.paint import PAINT
from sinddm_ui.tasks.place import PLACE
from sinddm_ui.tasks.scene import Scene, Source
from sinddm_ui.tasks.style import STYLE
from sinddm_ui.tasks.task import Task, Wish
from sinddm_ui.tasks.text import TEXT
from sinddm_ui.tasks.tile import TILE
from sinddm_ui.tasks.variations import VARIATIONS

TASKS = (VARIATIONS, TILE, FILL, EXPAND, PAINT, HARMONIZE, STYLE, PLACE, TEXT)
BY_KEY = {task.key: task for task in TASKS}

__all__ = ["BY_KEY", "TASKS", "Scene", "Source", "Task", "Wish"]
