"""What nobody else should read, taken out of a text: folders, names of people, computers and pictures, secrets.

Plain searches for what is known, each linear in the text. Where in doubt more is taken out: a report that lost a word
is still of use.
"""

from __future__ import annotations

import getpass
import json
import os
import platform
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

HIDDEN = "***"
LONGEST_LINE = 2000  # characters; the rest is cut off
NO_SECRETS = ("localhost", "root", "user")  # names that many have
LOCATION = re.compile(r'File "(?:[^"]*[/\\])?([^"/\\]*[/\\][^"/\\]*[/\\][^"/\\]*)"')  # the end of it is enough
OF_PICTURES = r"png|jpe?g|webp|tiff?|exr|bmp|gif|svg|psd|kra|ora|xcf|safetensors"

Rule = tuple[re.Pattern[str], str]


def scrubber(names: Iterable[str] = (), secrets: Iterable[str] = ()) -> Callable[[str], str]:
    """What takes everything private out of a text, line by line.

    names: of pictures and textures. secrets: what must not stay even as a part of a word.
    """
    rules = list(_rules(names, secrets))
    return lambda text: "\n".join(_scrubbed(line, rules) for line in text.splitlines())


def _scrubbed(line: str, rules: list[Rule]) -> str:
    line = unicodedata.normalize("NFC", line[:LONGEST_LINE])
    for pattern, instead in rules:
        line = pattern.sub(instead, line)
    return line


def _rules(names: Iterable[str], secrets: Iterable[str]) -> Iterator[Rule]:
    for secret in filter(None, secrets):
        yield _known(secret, HIDDEN)
    yield re.compile(r"(token|bearer|authorization).*", re.IGNORECASE), rf"\1 {HIDDEN}"
    yield re.compile(r"[0-9a-f]{20,}", re.IGNORECASE), HIDDEN
    for folder, instead in _folders():
        yield _known(folder, instead)
    someone = r"[^/\\\s\"':;,]+"
    yield re.compile(rf"(?:\b[a-z]:)?[/\\]+(?:home|Users)[/\\]+{someone}", re.IGNORECASE), "~"
    yield LOCATION, r'File "\1"'  # after the folders: they are recognised as a whole
    for name in sorted({name.strip() for name in names}, key=len, reverse=True):
        if len(name) > 2 or not name.isascii():  # shorter ones tell nothing, and are everywhere
            yield _known(name, "NAME", whole=True)
    part = r"[^/\\\s\"'(\[=]"  # sought from its beginning only: else long lines take long
    yield re.compile(rf"(?<!{part}){part}+\.({OF_PICTURES})\b", re.IGNORECASE), r"FILE.\1"
    for name in _user_and_computer():
        yield _known(name, HIDDEN, whole=True)


def _folders() -> list[tuple[str, str]]:
    """Folders of this user, the longest first, and what stands for them."""
    found: dict[str, str] = {}
    own = {os.environ.get(name, "") for name in ("HOME", "USERPROFILE")}
    with suppress(RuntimeError):
        own.add(str(Path.home()))
    given = [*((home, "~") for home in own)]
    given += [(os.environ.get(name, ""), name.removeprefix("SINDDM_")) for name in ("SINDDM_LIBRARY", "SINDDM_STATE")]
    for folder, instead in given:
        if len(folder.rstrip("/\\")) > 2:  # not the whole disk
            found |= dict.fromkeys((folder.rstrip("/\\"), os.path.realpath(folder)), instead)
    return sorted(found.items(), key=lambda item: -len(item[0]))


def _user_and_computer() -> set[str]:
    found = {os.environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME", "HOSTNAME", "COMPUTERNAME")}
    found |= {platform.node(), platform.node().partition(".")[0]}
    with suppress(KeyError, OSError, ImportError):
        found.add(getpass.getuser())
    return {name for name in found if len(name) > 2 and name.lower() not in NO_SECRETS}


def _known(text: str, instead: str, whole: bool = False) -> Rule:
    """A rule for a text in all its spellings. whole: only where it is no part of a word."""
    text = unicodedata.normalize("NFC", text)
    plain = text.replace("\\", "/")
    spellings = {text, plain, plain.replace("/", "\\"), plain.replace("/", "\\\\"), text.replace(" ", "\\ ")}
    spellings |= {ascii(text)[1:-1], repr(text)[1:-1], json.dumps(text)[1:-1]}
    for one in (text, plain):
        data = one.encode(errors="surrogatepass")  # a name on the disk may be no text
        spellings |= {quote(data), quote(data, safe=""), repr(data)[2:-1]}
    either = "|".join(re.escape(one) for one in sorted(spellings, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)" if whole else either, re.IGNORECASE), instead
