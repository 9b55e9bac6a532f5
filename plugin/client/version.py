"""Which backend this client belongs to."""

VERSION = "0.1.0"
"""Of the client and of the backend: they are installed together."""
PROTOCOL = 1
"""Of docs/protocol.md."""
