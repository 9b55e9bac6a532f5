"""The panel in a window of its own, over a picture file with layers of results: for who has no Krita or GIMP."""
