"""Krita's half: its layers for the panel, the dock, the entries of the layer's menu and of Tools > Scripts."""


def register() -> None:
    """Tell Krita of the plugin. Called by the archive's own `__init__` when Krita loads it."""
    from .extension import register_all

    register_all()
