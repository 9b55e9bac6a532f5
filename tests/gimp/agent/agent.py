#!/usr/bin/env python3
"""A plug-in that starts with GIMP and does what the test asks for. Two of them run, so that one can look while a
procedure that the other called goes on."""

# pyright: reportMissingImports=false

from __future__ import annotations

import os
import socket
import sys
import traceback

import gi

gi.require_version("Babl", "0.1")
gi.require_version("Gegl", "0.4")
gi.require_version("Gimp", "3.0")
import tools  # noqa: E402
import wire  # noqa: E402
from gi.repository import Gegl, Gimp, GLib  # noqa: E402

AGENTS = ("test-agent", "test-agent-two")


class Agent(Gimp.PlugIn):
    """Both."""

    def do_set_i18n(self, name):
        return False

    def do_query_procedures(self):
        return list(AGENTS) if os.environ.get("SINDDM_AGENT") else []

    def do_create_procedure(self, name):
        return Gimp.Procedure.new(self, name, Gimp.PDBProcType.PERSISTENT, self.run, None)

    def run(self, procedure, config, data):
        Gegl.init(None)
        procedure.persistent_ready()
        self.persistent_enable()
        connection = socket.create_connection(("127.0.0.1", int(os.environ["SINDDM_AGENT"])))
        wire.send(connection, AGENTS.index(procedure.get_name()))
        loop = GLib.MainLoop()
        GLib.io_add_watch(connection.fileno(), GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN, self.asked, connection, loop)
        loop.run()
        return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)

    def asked(self, _channel, _condition, connection, loop):
        """Call one of the tools, and tell what it returned."""
        try:
            number, name, arguments, named = wire.receive(connection)
        except (EOFError, OSError):
            loop.quit()
            return False
        try:
            answer = {"value": getattr(tools, name)(*arguments, **named)}
        except Exception:
            answer = {"error": traceback.format_exc()}
        wire.send(connection, {**answer, "number": number})
        return True


Gimp.main(Agent.__gtype__, sys.argv)
