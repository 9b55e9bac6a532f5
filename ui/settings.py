"""What was chosen, remembered for each document. Standard library only."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from sinddm_plugin.client.places import read_json, state_folder
from sinddm_ui.tasks.settings import Setting

FILE = "panel.json"
MOST_DOCUMENTS = 100
ANY = ""  # the document whose choices count where a document has none of its own: the last one


class Settings:
    """Choices by document and by room: a task's key, or a part of the panel. path: None for panel.json in the state
    folder. A file that cannot be read counts as empty, and one that cannot be written loses nothing but the memory."""

    def __init__(self, path: Path | None = None):
        self._path = path or state_folder() / FILE
        self._changed: dict[str, dict[str, Any]] = {}
        self._known = self._read()

    def get(self, document: str, room: str, wanted: tuple[Setting, ...]) -> dict[str, Any]:
        """A value for each setting: what was chosen for the document, else last for any, else the default."""
        found = self._known.get(document, {}).get(room) or self._known.get(ANY, {}).get(room) or {}
        return {
            one.key: found[one.key] if one.key in found and one.accepts(found[one.key]) else one.default
            for one in wanted
        }

    def put(self, document: str, room: str, values: dict[str, Any]) -> None:
        """Remember what was chosen; save() writes it down."""
        for key in (document, ANY):
            rooms = {**self._known.pop(key, {}), room: values}
            self._known[key] = self._changed[key] = rooms  # the latest last

    def save(self) -> None:
        """Write down what has changed; what another editor wrote meanwhile stays."""
        if not self._changed:
            return
        known = {**{key: rooms for key, rooms in self._read().items() if key not in self._changed}, **self._changed}
        kept = dict(list(known.items())[-MOST_DOCUMENTS:])
        unfinished = self._path.with_name(f".unfinished-{secrets.token_hex(6)}")
        with suppress(OSError):
            try:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                unfinished.write_text(json.dumps({"documents": kept}), encoding="utf-8")
                unfinished.replace(self._path)
                self._changed = {}
            finally:
                with suppress(FileNotFoundError):
                    unfinished.unlink()

    def _read(self) -> dict[str, dict[str, Any]]:
        found = read_json(self._path)
        documents = found.get("documents") if isinstance(found, dict) else None
        if not isinstance(documents, dict):
            return {}
        return {key: rooms for key, rooms in documents.items() if _is_rooms(rooms)}


def _is_rooms(found: Any) -> bool:
    return isinstance(found, dict) and all(isinstance(values, dict) for values in found.values())
