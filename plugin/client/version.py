"""Which backend this client belongs to."""

VERSION = "0.1.0"
"""Of everything that is released together. It stands only here: packages and programs read it, and editors' archives
take it along."""
PROTOCOL = 1
"""Of docs/protocol.md."""
