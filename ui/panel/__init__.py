"""The panel: what the artist sees, in every editor that has Qt."""

from sinddm_ui.panel.panel import Panel

__all__ = ["Panel"]
