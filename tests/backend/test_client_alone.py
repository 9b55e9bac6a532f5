"""The client runs inside editors, whose Python has nothing but the standard library, and maybe an old one."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from peer import Handler, job, serving
from sinddm_plugin import client

FOLDER = Path(client.__file__).parent
MODULES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
ALONE = f"""
import sys
sys.path[:] = [path for path in sys.path if "site-packages" not in path]
sys.path.insert(0, {str(FOLDER.parent)!r})
before = set(sys.modules)
import client
for name in {MODULES}:
    __import__("client." + name)
new = {{name.partition(".")[0] for name in set(sys.modules) - before}} - {{"client"}}
print(sorted(new - set(sys.stdlib_module_names)))
from client.places import Address
port = int(sys.argv[1])
here = client.Client(Address(port, "token", 1, client.VERSION, client.PROTOCOL))
wish = client.Generate(source=[client.Picture(bytearray(48), 4, 3)])
print(here.submit(wish).id, here.wait(here.jobs()[0].id).state, sys.version_info >= (3, 10))
"""


def answer(handler: Handler) -> None:
    if handler.path.startswith("/events"):
        handler.begin_stream()
        handler.event("a-1", job("done"))
        handler.piece(b"")
    else:
        handler.json(job() if handler.command == "POST" else [job()])


def run(python: str, tmp_path: Path) -> list[str]:
    """What a lonely Python prints."""
    with serving(answer) as peer:
        command = [python, "-S", "-E", "-I", "-W", "error", "-c", ALONE, str(peer.address.port)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60, cwd=tmp_path, env={"HOME": str(tmp_path)}, check=False
        )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_it_works_with_nothing_but_the_standard_library(tmp_path):
    assert run(sys.executable, tmp_path) == ["[]", f"{job()['id']} done True"]


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13", "3.14"])
def test_it_works_with_the_pythons_that_editors_bring(tmp_path, version):
    found = [
        path
        for path in (
            shutil.which(f"python{version}"),
            *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python")),
        )
        if path and subprocess.run([path, "-c", ""], capture_output=True, timeout=60, check=False).returncode == 0
    ]
    if not found:
        pytest.skip(f"Python {version} is not installed here")
    assert run(found[0], tmp_path) == ["[]", f"{job()['id']} done True"]


@pytest.mark.parametrize("module", ["__init__", *MODULES])
def test_it_names_its_own_modules_relatively(module):
    tree = ast.parse((FOLDER / f"{module}.py").read_text())
    typing_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in set(ast.walk(tree)) - typing_only:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names.append(node.module or "")
        for name in names:
            assert name.partition(".")[0] in sys.stdlib_module_names


@pytest.mark.skipif(os.name != "posix", reason="there are no such links elsewhere")
def test_it_may_be_installed_under_another_name(tmp_path):
    (tmp_path / "krita_sinddm").symlink_to(FOLDER)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import krita_sinddm; print(krita_sinddm.VERSION)"
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-I", "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == client.VERSION
