"""The library over HTTP: bytes come and go, names are checked, nothing else is touched."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from backends import Backend, until
from layers import layer
from raw import container, header, post
from sinddm_plugin import client as c

ODD = [
    "Moos & Stein",
    "Grün",
    "苔",
    "🎨",
    "e\u0301",
    "50%",
    "%41",
    "#1",
    "a'b",
    "[bold]",
    "+ + +",
    "a=b;c",
    "--help",
    "-n",
]
ODD += ["a,b", "$HOME", "`ls`", "(x) {y}", "!", "a..b", "x" * 100, "ü" * 100, "null", "jobs", "file", "a\u202eb"]


@pytest.fixture(scope="module")
def learned(backend: Backend) -> str:
    """A texture of the library."""
    client = backend.client
    name = client.wait(client.submit(c.Learn(source=[layer()], name="Wiese", steps=1)).id).texture
    assert name
    return name


@pytest.fixture
def file(backend: Backend, learned: str, tmp_path: Path) -> Path:
    """A texture that was given away."""
    backend.client.export_texture(learned, tmp_path / "einer.safetensors")
    return tmp_path / "einer.safetensors"


def path_of(name: str, more: str = "") -> str:
    return f"/textures/{quote(name, safe='')}{more}"


def put(backend: Backend, file: Path, name: str) -> None:
    """Add a texture, without the process that reads what is imported."""
    (backend.library / f"{name}.safetensors").write_bytes(file.read_bytes())


def names(backend: Backend) -> list[str]:
    return [texture.name for texture in backend.client.textures()]


def test_all_that_there_is_to_say_of_a_texture_is_told(backend: Backend, learned):
    status, told = backend.ask("GET", path_of(learned))
    assert status == 200
    assert (told["name"], told["width"], told["height"], told["sources"]) == (learned, 72, 54, [])
    assert told["bytes"] == (backend.library / f"{learned}.safetensors").stat().st_size
    assert told["learned_seconds"] >= 0
    assert backend.ask("GET", "/textures") == (200, [told])
    small = backend.client.thumbnail(learned)
    assert (small.width, small.height, small.layout) == (72, 54, "rgb")
    assert len(set(bytes(small.data))) > 20


@pytest.mark.parametrize("name", ["Moos & Stein", "--help", "🎨 a'b %41 + #1; ü"])
def test_a_texture_goes_out_and_comes_in_again_byte_for_byte(backend: Backend, learned, file, name):
    client = backend.client
    entry = client.import_texture(file, name)
    assert (entry.name, entry.width, entry.height) == (name, 72, 54)
    again = file.with_name("zweiter.safetensors")
    client.export_texture(name, again)
    assert again.read_bytes() == file.read_bytes() == (backend.library / f"{learned}.safetensors").read_bytes()
    client.delete_texture(name)
    assert names(backend) == [learned]
    assert {one.name for one in backend.library.iterdir()} <= {f"{learned}.safetensors", ".lock"}


def test_a_texture_may_have_any_name_that_a_file_may_have_everywhere(backend: Backend, learned, file):
    client = backend.client
    put(backend, file, "one")
    name = "one"
    for new in ODD:
        assert client.rename_texture(name, new).name == new
        assert backend.ask("GET", path_of(name))[0] == 404
        name = new
        assert backend.ask("GET", path_of(name))[1]["name"] == name
        assert client.thumbnail(name).width == 72
        assert backend.ask("GET", path_of(name, "/file"))[1] == file.read_bytes()
        assert set(names(backend)) == {learned, name}
    client.delete_texture(name)


IMPOSSIBLE = [
    "a/b",
    "..",
    ".x",
    ".",
    "con",
    "COM1.txt",
    "x.safetensors",
    "X.SafeTensors",
    " x",
    "x ",
    "x.",
    'a"b',
    "x?",
]
IMPOSSIBLE += ["x" * 101, "苔" * 90, "\n", "a\tb", "\0", "", "a:b", "a|b", "<b>", "*", "a\\b", "\u0085", "\u3000x"]


@pytest.mark.parametrize("name", IMPOSSIBLE, ids=ascii)
def test_a_name_that_cannot_be_is_refused_in_a_sentence(backend: Backend, learned, file, name):
    client = backend.client
    wish = c.Learn(source=[layer()], name=name, steps=1)
    asked = (
        lambda: client.import_texture(file, name),
        lambda: client.rename_texture(learned, name),
        lambda: client.submit(wish),
    )
    for ask in asked:
        with pytest.raises(c.Refused, match=r"^[^\n]{20,400}\.$") as told:
            ask()
        assert told.value.status == 422
    assert backend.ask("GET", path_of(name) if name else "/textures//")[0] in (404, 422)
    assert names(backend) == [learned]


def test_a_name_that_is_taken_is_refused(backend: Backend, learned, file):
    client = backend.client
    before = (backend.library / f"{learned}.safetensors").read_bytes()
    put(backend, file, "other")
    asked = (
        lambda: client.import_texture(file, learned),
        lambda: client.rename_texture(learned, learned),
        lambda: client.rename_texture("other", learned),
    )
    for ask in asked:
        with pytest.raises(c.Refused, match="already a texture called") as told:
            ask()
        assert told.value.status == 409
    assert set(names(backend)) == {learned, "other"}
    assert (backend.library / f"{learned}.safetensors").read_bytes() == before
    client.delete_texture("other")


def test_a_name_that_is_being_learned_is_taken(backend: Backend, learned, file):
    client = backend.client
    job = client.submit(c.Learn(source=[layer()], name="Soon there", steps=10**6))
    asked = (
        lambda: client.import_texture(file, "soon THERE"),
        lambda: client.rename_texture(learned, "Soon there"),
        lambda: client.submit(c.Learn(source=[layer()], name="SOON there", steps=1)),
    )
    for ask in asked:
        with pytest.raises(c.Refused) as told:
            ask()
        assert told.value.status == 409
    client.cancel(job.id)
    with pytest.raises(c.JobCancelled):
        client.wait(job.id)
    assert names(backend) == [learned]


def test_what_is_no_texture_does_not_come_in(backend: Backend, learned, file):
    good = file.read_bytes()
    middle = len(good) // 2
    for bad in (
        b"",
        container(header()),
        container({"__metadata__": {"sinddm_texture": "1", "about": json.dumps({"sources": ["../../x"]})}}, b""),
        good[:middle],
        good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :],
        b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x05touch\x85R.",  # a pickle
    ):
        status, told = post(backend, bad, "/textures?name=bad")
        assert (status, set(told)) == (422, {"error"})
        assert told["error"].startswith("The file ")
        assert told["error"].endswith(".")
        assert not set("/\\\n") & set(told["error"])
    assert names(backend) == [learned]
    assert list((backend.state / "uploads").iterdir()) == []
    assert {one.name for one in backend.library.iterdir()} <= {f"{learned}.safetensors", ".lock"}
    assert "Traceback" not in backend.log


def test_a_damaged_file_in_the_library_hides_no_other_and_says_so_when_it_is_used(backend: Backend, learned):
    client = backend.client
    (backend.library / "damaged.safetensors").write_bytes(b"damaged")
    (backend.library / "a folder.safetensors").mkdir()
    assert names(backend) == [learned]
    for more in ("", "/thumbnail"):
        status, told = backend.ask("GET", path_of("damaged", more))
        assert (status, set(told)) == (422, {"error"})
    with pytest.raises(c.JobFailed, match="damaged"):
        client.wait(client.submit(c.Generate(source="damaged")).id)
    for method, more in (("GET", ""), ("GET", "/file"), ("DELETE", "")):
        assert backend.ask(method, path_of("a folder", more))[0] == 404
    client.delete_texture("damaged")
    (backend.library / "a folder.safetensors").rmdir()


def test_a_texture_that_is_gone_fails_the_job_that_waits_for_it(backend: Backend, learned, file):
    client = backend.client
    put(backend, file, "Soon gone")
    running = client.submit(c.Generate(source=[layer()], width=600, height=600, count=64))
    waiting = client.submit(c.Generate(source="Soon gone", quality="draft"))
    until(lambda: client.job(running.id).state == "running")
    client.delete_texture("Soon gone")
    client.cancel(running.id)
    with pytest.raises(c.JobFailed, match=r"^There is no texture called 'Soon gone': [^\n]+\.$"):
        client.wait(waiting.id)
    with pytest.raises(c.Refused, match="no texture called 'Soon gone'"):
        client.submit(c.Generate(source="Soon gone"))


def test_a_texture_that_is_not_there_is_not_found(backend: Backend, learned):
    for method, path in (("GET", ""), ("GET", "/file"), ("GET", "/thumbnail"), ("DELETE", ""), ("POST", "/rename")):
        body = b'{"name": "x"}' if method == "POST" else None
        status, told = backend.ask(method, f"/textures/nothing{path}", body)
        assert (status, told["error"]) == (404, f"There is no texture called 'nothing': the library has {learned}.")
