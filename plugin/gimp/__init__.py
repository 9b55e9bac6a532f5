"""GIMP 3's half: its layers for the tasks, a procedure for each task in GIMP's own menus and dialogs, and the part that
runs as long as GIMP and serves the panel. The standard library, and gi as GIMP brings it."""
