"""The plug-in as GIMP calls it."""

from __future__ import annotations

import sys
from typing import Any

from . import procedures
from .api import Gimp

SERVER = "sinddm-server"


class SinDDM(Gimp.PlugIn):
    """GIMP starts a process of it for every call, and one that stays as long as GIMP, for the panel."""

    _serving: Any = None

    def do_set_i18n(self, _: str) -> bool:
        """There are no translations, which GIMP would miss."""
        return False

    def do_query_procedures(self) -> list[str]:
        """The names of all procedures."""
        return [*procedures.names(), SERVER]

    def do_create_procedure(self, name: str) -> Any:
        """One of them."""
        if name != SERVER:
            return procedures.create(self, name)
        procedure = Gimp.Procedure.new(self, name, Gimp.PDBProcType.PERSISTENT, self._serve, None)
        procedure.set_documentation("Serves the SinDDM panel", "Runs as long as GIMP and serves the panel.", name)
        procedure.set_attribution("The SinDDM authors", "GPL-3.0-or-later", "2026")
        return procedure

    def do_quit(self) -> None:
        """This process ends. GIMP waits for the one that serves the panel; the line to all others is closed already,
        and what they still say to it is complained of, the more often the longer they take."""
        if self._serving is not None:
            self._serving.quit()

    def _serve(self, procedure: Any, config: Any, data: Any) -> Any:
        from . import persistent

        self._serving = persistent
        persistent.run(self, procedure)
        return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)


def main() -> None:
    """Called by the script that GIMP starts."""
    Gimp.main(SinDDM.__gtype__, sys.argv)
