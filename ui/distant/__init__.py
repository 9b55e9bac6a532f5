"""The panel in a process of its own, for programs without Qt: GIMP. The other end of its line is in plugin/gimp."""
