"""The panel that artists see: Qt widgets over the host interface. Nothing of it is in this release yet."""
