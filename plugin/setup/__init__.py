"""Bringing SinDDM's engine to this computer, from within an editor: the Python standard library, and nothing else."""

from .events import Build, Done, Event, Failed, Plan, Step, Target, decode, encode
from .running import Installing, SetupFailed, look

__all__ = [
    "Build",
    "Done",
    "Event",
    "Failed",
    "Installing",
    "Plan",
    "SetupFailed",
    "Step",
    "Target",
    "decode",
    "encode",
    "look",
]
