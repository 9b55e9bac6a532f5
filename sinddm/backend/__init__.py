"""The local process that owns torch and the GPU: jobs over HTTP for editors. See docs/protocol.md."""
