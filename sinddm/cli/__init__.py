"""The command `sinddm`: every task of the engine on picture files.

Exit codes: 0 done, 1 it could not be done, 2 bad input (one sentence on stderr), 130 stopped by Ctrl-C.
"""

import errno
import sys

from sinddm.cli.arguments import parse
from sinddm.errors import Cancelled, InputError

DONE, FAILED, BAD_INPUT, STOPPED = 0, 1, 2, 130


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code. argv: the arguments without the program's name."""
    try:
        args = parse(argv)
    except SystemExit as stop:  # --help, --version and what argparse refuses
        return int(stop.code or 0)
    try:
        return _run(args)
    except InputError as error:
        return _fail(BAD_INPUT, str(error))
    except (Cancelled, KeyboardInterrupt):
        return _fail(STOPPED, "Stopped.")
    except BrokenPipeError:  # the reader of a table went away
        return FAILED
    except Exception as error:
        if _is_out_of_memory(error):
            told = FAILED, "There is not enough memory for this: ask for a smaller size or a smaller --count."
        elif isinstance(error, OSError) and error.errno in (errno.ENAMETOOLONG, errno.EACCES):
            told = BAD_INPUT, f"{error.filename} cannot be used ({error.strerror}): choose another name or folder."
        else:
            raise
        return _fail(*told)


def _run(args) -> int:
    """The command's work; each brings in only what it needs, so that --help stays quick."""
    if args.command == "doctor":
        from sinddm.cli.doctor import run
    elif args.command == "compare":
        from sinddm.cli.compare import run
    elif args.command == "learn":
        from sinddm.cli.learn import run
    elif args.command == "textures":
        from sinddm.cli.textures import run
    elif args.command == "models":
        from sinddm.cli.models import run
    elif args.command == "app":
        from sinddm.cli.app import run
    elif args.command == "panel":
        from sinddm.cli.panel import run
    elif args.command == "display":
        from sinddm.cli.display import run
    elif args.command in ("serve", "status", "stop", "worker"):
        from sinddm.cli import backend

        run = getattr(backend, args.command)
    else:
        from sinddm.cli.work import run
    return run(args)


def _fail(code: int, sentence: str) -> int:
    print(" ".join(sentence.split()), file=sys.stderr)
    return code


def _is_out_of_memory(error: Exception) -> bool:
    """Whether memory ran out, in Python's form, torch's for a GPU, or torch's for the CPU."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and ("not enough memory" in text or "out of memory" in text)
