"""Stands in for `sinddm serve` where a test needs one that the real one is not: of another version, late, or broken.

It runs as a program, with the standard library alone, writes down how it was started, and ends with the test.
"""

import argparse
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TOKEN = "a-token-of-the-stand-in"


def main() -> int:
    """Serve, or what the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", default="0.1.0")
    parser.add_argument("--protocol", type=int, default=1)
    parser.add_argument("--busy", action="store_true", help="refuse to stop")
    parser.add_argument("--says", action="append", default=[], help="print this first")
    parser.add_argument("--ends", type=int, help="with this code")
    parser.add_argument("--ends-at-first", type=int, default=0, help="so many starts end at once with code 0")
    parser.add_argument("--late", action="store_true", help="do not answer before there is a file `go` in the folder")
    parser.add_argument("command", choices=["serve"])
    args = parser.parse_args()
    folder = Path(os.environ["SINDDM_STATE"])
    threading.Thread(target=end_with_test, args=[folder, os.getppid()], daemon=True).start()
    starts = len(list(folder.glob("start-*.json"))) + 1
    told = {"pid": os.getpid(), "cwd": str(Path.cwd()), "environment": dict(os.environ), "group": group()}
    write(folder / f"start-{time.time_ns()}-{os.getpid()}.json", told)
    for line in args.says:
        print(line, file=sys.stderr)
    if args.ends is not None or starts <= args.ends_at_first:
        return args.ends or 0
    while args.late and not (folder / "go").exists():
        time.sleep(0.02)
    serve(folder, {"version": args.version, "protocol": args.protocol}, args.busy)
    return 0


def write(path: Path, value: object) -> None:
    """A file that is whole or not there."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(value))
    unfinished.replace(path)


def group() -> int:
    """The session it belongs to."""
    return os.getsid(0) if hasattr(os, "getsid") else 0


def end_with_test(folder: Path, parent: int) -> None:
    """No test leaves anything behind, however it ends. It may also put a file `end` into the folder."""
    while os.getppid() == parent and not (folder / "end").exists():
        time.sleep(0.1)
    os._exit(1)


def serve(folder: Path, about: dict, busy: bool) -> None:
    """Answer until told to stop."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

        def answer(self, value: object, status: int = 200) -> None:
            text = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def do_GET(self) -> None:
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                self.answer({"error": "no"}, 401)
            else:
                self.answer({**about, "busy": busy, "more": "than is known"})

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if busy or asked != {"only_idle": True}:
                self.answer({"error": "There are jobs."}, 409)
            else:
                self.answer(about, 202)
                threading.Thread(target=server.shutdown).start()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    where = {"port": server.server_address[1], "token": TOKEN, "pid": os.getpid(), **about}
    write(folder / "backend.json", where)
    server.serve_forever(poll_interval=0.02)
    (folder / "backend.json").unlink()


if __name__ == "__main__":
    sys.exit(main())
