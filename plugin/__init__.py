"""What runs inside Krita and GIMP. Nothing of it is in this release yet."""
