"""What nobody else should read, taken out of a text: folders, names of people, computers and pictures, secrets.

Where in doubt more is taken out: a report that lost a word is still of use.
"""

from __future__ import annotations

import getpass
import json
import os
import platform
import re
import socket
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath, PureWindowsPath

HIDDEN = "***"
LONGEST_LINE = 10_000  # characters; the rest is cut off
NO_SECRETS = ("localhost", "linux", "windows", "darwin")  # names of computers that many have
PICTURES = "png|jpe?g|webp|tiff?|exr|bmp|gif|svg|psd|kra|ora|xcf|safetensors"
SEPARATOR = r"(?:[/\\]|%2f|%5c)+"
NO_LETTER_BEFORE, NO_LETTER_AFTER = r"(?<![^\W_])", r"(?![^\W_])"

Rule = tuple[re.Pattern[str], str]


def scrubber(names: Iterable[str] = (), secrets: Iterable[str] = ()) -> Callable[[str], str]:
    """What takes everything private out of a text, line by line.

    names: of pictures and textures. secrets: what must not stay even as a part of a word.
    """
    rules = [*_of_secrets(secrets), *_of_folders(), *_of_files(), *_of_names(names), *_of_user(), *_of_computer()]
    return lambda text: "\n".join(_scrubbed(line, rules) for line in text.splitlines())


LOCATION = re.compile(r'File "([^"]+)", line (\d+)')  # of a traceback
COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def _scrubbed(line: str, rules: list[Rule]) -> str:
    """The line after all rules; where in the program something happened is kept."""
    line = unicodedata.normalize("NFC", COLOURS.sub("", line[:LONGEST_LINE]))
    done, at = "", 0
    for found in LOCATION.finditer(line):
        done += _applied(line[at : found.start()], rules) + f'File "{_module(found[1])}", line {found[2]}'
        at = found.end()
    return done + _applied(line[at:], rules)


def _applied(text: str, rules: list[Rule]) -> str:
    for pattern, instead in rules:
        text = pattern.sub(instead, text)
    return text


def _module(path: str) -> str:
    """A file of the program as it is seen from where its packages lie; of any other only the name."""
    path = path.replace("\\", "/")
    own = str(Path(__file__).parents[1]).replace("\\", "/") + "/"
    installed = re.fullmatch(r".*/(?:site-packages|dist-packages|lib/python3\.\d+t?|Lib)/(.+)", path)
    if installed:
        return installed[1]
    if path.startswith(own):
        return path[len(own) :]
    return path[path.rfind("/sinddm/") + 1 :] if "/sinddm/" in path else path.rpartition("/")[2]


# What is private, and what it looks like


def _of_secrets(secrets: Iterable[str]) -> Iterator[Rule]:
    for secret in secrets:
        if secret:
            yield _rule(_spelled(secret), HIDDEN)
    yield _rule(r"(token|bearer|authorization).+", rf"\1 {HIDDEN}")
    yield _rule(r"(\bport\b\W{0,4}|(?:127\.0\.0\.1|localhost|\[::1\]):)\d+", rf"\1{HIDDEN}")
    yield _rule(r"(?<![0-9a-f])[0-9a-f]{20,}(?![0-9a-f])", HIDDEN)
    mixed = r"(?=[\w-]{0,200}\d)(?=[\w-]{0,200}[a-z])(?=[\w-]{0,200}[A-Z])"
    yield re.compile(rf"(?<![\w-]){mixed}[\w-]{{24,}}", re.ASCII), HIDDEN


def _of_folders() -> Iterator[Rule]:
    known = dict.fromkeys(_homes(), "~")
    for name, instead in (("SINDDM_LIBRARY", "LIBRARY"), ("SINDDM_STATE", "STATE")):
        known |= dict.fromkeys(_both_ways(os.environ.get(name, "")), instead)
    for folder in sorted(known, key=len, reverse=True):
        drive = rf"(?:(?:{SEPARATOR})?[a-z](?::|%3a))?" if re.match("[A-Za-z]:", folder) else ""
        start = _spelled(re.sub("^[A-Za-z]:", "", folder))
        yield _rule(rf"{drive}{start}(?![\w-]|\.\w)", known[folder])
    someone = r"""(?:%(?!2f|5c)[0-9a-f]{2}|[^/\\\s"'<>|:;,%])+"""
    yield _rule(rf"(?:[a-z](?::|%3a))?{SEPARATOR}(?:home|Users){SEPARATOR}{someone}", "~")


def _homes() -> set[str]:
    """This user's home folder, in all the ways in which the system gives it."""
    found = [os.environ.get("HOME", ""), os.environ.get("USERPROFILE", "")]
    with suppress(RuntimeError, OSError):
        found.append(str(Path.home()))
    if sys.platform != "win32":
        import pwd

        with suppress(KeyError):
            found.append(pwd.getpwuid(os.getuid()).pw_dir)
    return {way for folder in found for way in _both_ways(folder)}


def _both_ways(folder: str) -> set[str]:
    """A folder as it is called and as it is without symbolic links; nothing for one that is the whole disk."""
    ways = {folder, os.path.realpath(folder)} if Path(folder).is_absolute() else {folder}
    ways = {way.rstrip("/\\") for way in ways}
    return {way for way in ways if PurePosixPath(way).is_absolute() or PureWindowsPath(way).is_absolute()}


def _of_files() -> Iterator[Rule]:
    """Pictures and textures, wherever they lie; names that our own sentences quote."""
    quoted = r"""(["'])(?:\\.|(?!\1).)*\1"""
    yield _rule(rf"""(["'])(?:(?!\1).){{1,400}}\.({PICTURES})\1""", r"\1FILE.\2\1")
    yield _rule(
        rf"""(?:~|LIBRARY|STATE)?(?:[a-z]:)?[/\\](?:(?!\s[/\\~]|:\s)[^"']){{0,400}}?\.({PICTURES})\b""", r"FILE.\1"
    )
    yield _rule(rf"""[^\s/\\"'(\[=]+\.({PICTURES})\b""", r"FILE.\1")
    yield _rule(r"""(/textures/|[?&]name=)[^/\s?&"']+""", r"\1NAME")
    yield _rule(rf"{quoted}(?= (?:cannot be a texture|could not be ))", "NAME")
    yield _rule(rf"(?<=texture called ){quoted}", "NAME")
    yield _rule(r"(?<=the library has ).*", "NAME")
    yield _rule(r"""(--(?:name|texture)[ =])(?:(["']).*?\2|\S+)""", r"\1NAME")


def _of_names(names: Iterable[str]) -> Iterator[Rule]:
    for name in sorted({name.strip() for name in names}, key=len, reverse=True):
        if len(name) > 2 or not name.isascii():  # shorter ones tell nothing, and are everywhere
            yield _rule(rf"(?<!\w){_spelled(name)}(?!\w)", "NAME")


def _of_user() -> Iterator[Rule]:
    """The user's name as a folder's, or a part of one."""
    found = {os.environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME")}
    with suppress(KeyError, OSError, ImportError):
        found.add(getpass.getuser())
    homes = [re.split(r"[/\\]", home) for home in _homes()]
    found |= {parts[-1] for parts in homes if len(parts) > 1 and parts[-2].lower() in ("home", "users")}
    for name in found - {""}:
        word = rf"{NO_LETTER_BEFORE}{_spelled(name)}{NO_LETTER_AFTER}"
        after = r"(?:(?<=[/\\])|(?<=%2f)|(?<=%5c))"
        yield _rule(rf"""{after}([^/\\\s"']{{0,100}}?){word}""", r"\1USER")
        yield _rule(rf"{word}(?=[/\\@]|%2f|%5c)", "USER")


def _of_computer() -> Iterator[Rule]:
    full = {platform.node(), socket.gethostname(), *(os.environ.get(name, "") for name in ("HOSTNAME", "COMPUTERNAME"))}
    found = full | {name.partition(".")[0] for name in full}
    for name in sorted(found, key=len, reverse=True):
        if len(name) > 1 and name.lower() not in NO_SECRETS:
            yield _rule(rf"{NO_LETTER_BEFORE}{_spelled(name)}{NO_LETTER_AFTER}", "HOST")


def _rule(pattern: str, instead: str) -> Rule:
    return re.compile(pattern, re.IGNORECASE), instead


def _spelled(text: str) -> str:
    """A pattern for the text however each character of it is written: as it is, or escaped for an address, JSON..."""
    return "".join(_character(one) for one in unicodedata.normalize("NFC", text))


def _character(character: str) -> str:
    if character in "/\\":
        return SEPARATOR
    forms = {character, character.lower(), character.upper()}
    forms |= {unicodedata.normalize("NFD", form) for form in forms}
    ways = {way for form in forms for way in _ways(form)}
    return f"(?:{'|'.join(sorted(ways))})"


def _ways(text: str) -> Iterator[str]:
    """Patterns for a character, or one and its accents: itself, in percent, in the escapes of JSON, Python and C."""
    codes = text.encode(errors="surrogateescape" if "\udc80" <= text <= "\udcff" else "surrogatepass")
    yield re.escape(text)
    yield "".join(f"%{code:02x}" for code in codes)
    if text == " ":
        yield r"\\ "
        yield r"\+"
    if not text.isascii():
        of_bytes = ("".join(f"\\x{code:02x}" for code in codes), "".join(f"\\{code:03o}" for code in codes))
        for escaped in (json.dumps(text)[1:-1], ascii(text)[1:-1], *of_bytes):
            yield escaped.replace("\\", r"\\+")  # escaped again, maybe
