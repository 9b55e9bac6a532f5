"""Changes of one line of Krita's settings; every other byte stays."""

from __future__ import annotations

GROUP = b"[python]"


def enabled(text: bytes, name: str) -> bytes:
    """With a plugin switched on."""
    end = b"\r\n" if b"\r\n" in text else b"\n"
    wanted = f"enable_{name}=true".encode() + end
    lines = disabled(text, name).splitlines(keepends=True)
    if lines and not lines[-1].endswith((b"\n", b"\r")):
        lines[-1] += end
    at = next((index for index, line in enumerate(lines) if line.strip() == GROUP), None)
    if at is None:
        gap = [end] if lines and lines[-1].strip() else []
        return b"".join([*lines, *gap, GROUP + end, wanted])
    return b"".join([*lines[: at + 1], wanted, *lines[at + 1 :]])


def disabled(text: bytes, name: str) -> bytes:
    """Without a word on a plugin."""
    key, kept, group = f"enable_{name}".encode(), [], b""
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if bare.startswith(b"["):
            group = bare
        if group != GROUP or bare.split(b"=")[0].strip() != key:
            kept.append(line)
    return b"".join(kept)
