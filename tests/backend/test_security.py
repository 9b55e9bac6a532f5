"""Only programs of this user that hold the token get anything from the backend; a web page gets nothing."""

import http.client
import json
import re
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from backends import Backend
from layers import layer
from raw import exchange, head
from sinddm_plugin import client as c

ROOT = Path(__file__).parents[2]
PLACES = ("/", "/health", "/jobs", "/events", "/textures", "/docs", "/redoc", "/openapi.json", "/nothing/here")


def right(backend: Backend) -> dict[str, str]:
    return {"Authorization": f"Bearer {backend.address.token}"}


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_without_the_token_nothing_is_told(backend: Backend, method, path):
    token = backend.address.token
    for headers in (
        {},
        {"Authorization": ""},
        {"Authorization": token},
        {"Authorization": f"Basic {token}"},
        {"Authorization": f"Bearer {token}x"},
        {"Authorization": f"Bearer {token[:-1]}"},
        {"Authorization": "Bearer \xff\xfe"},
    ):
        status, told = backend.ask(method, f"{path}?token={token}", None, headers)
        assert status == 401
        assert told in (b"", {"error": "The token is missing or wrong: read it anew from backend.json."})


def test_two_tokens_are_none(backend: Backend):
    request = head(backend, "GET", "/health", "Authorization: Bearer x")
    assert exchange(backend, request).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "127.0.0.1:80@evil", "0.0.0.0", "[::1"])
def test_under_another_name_nothing_is_told(backend: Backend, host):
    status, told = backend.ask("GET", "/health", None, {**right(backend), "Host": host})
    assert (status, told["error"]) == (
        403,
        "Only programs on this computer may use the backend: address it as 127.0.0.1.",
    )


@pytest.mark.parametrize("lines", [[], ["Host: 127.0.0.1", "Host: 127.0.0.1"]], ids=["no", "two"])
def test_one_host_is_named(backend: Backend, lines):
    request = ["GET /health HTTP/1.0", f"Authorization: Bearer {backend.address.token}", *lines]
    answer = exchange(backend, "\r\n".join(request).encode() + b"\r\n\r\n")
    assert re.match(rb"HTTP/1.1 40[03] ", answer)
    assert b"version" not in answer


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:1234", "[::1]:80"])
def test_any_name_of_this_computer_will_do(backend: Backend, host):
    assert backend.ask("GET", "/health", None, {**right(backend), "Host": host})[0] == 200


@pytest.mark.parametrize("name", ["Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Mode", "sec-fetch-dest"])
def test_what_a_browser_sends_is_refused_even_with_the_token(backend: Backend, name):
    for value in ("http://127.0.0.1", "null", "same-origin"):
        status, told = backend.ask("GET", "/health", None, {**right(backend), name: value})
        assert (status, told["error"].partition(":")[0]) == (403, "Web pages may not use the backend")


def test_no_answer_invites_web_pages(backend: Backend):
    connection = http.client.HTTPConnection("127.0.0.1", backend.address.port, timeout=30)
    for method, path in (("GET", "/health"), ("OPTIONS", "/jobs"), ("GET", "/nothing")):
        connection.request(method, path, headers=right(backend))
        answer = connection.getresponse()
        answer.read()
        names = {name.lower() for name, _ in answer.getheaders()}
        assert not [name for name in names if name.startswith("access-control")]
        assert "server" not in names


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded", "", "a/b;c"]
)
def test_what_a_form_could_send_is_refused(backend: Backend, kind):
    headers = {**right(backend), "Content-Type": kind}
    assert backend.ask("POST", "/jobs", b"12345678", headers)[0] == 415
    assert backend.ask("POST", "/textures?name=x", b"12345678", headers)[0] == 415
    assert backend.ask("POST", "/stop", b'{"only_idle": false}', headers)[0] == 422


SECRETS = ("../secret", "..%2fsecret", "..\\secret", "/etc/passwd", "%2fetc%2fpasswd", "a/../../secret", "~/secret")


@pytest.mark.parametrize("name", [*SECRETS, "secret\0", ".", "..", "con", "x" * 3000, "🎨/..", "\udcff"])
def test_no_path_reaches_the_file_system(backend: Backend, name):
    for folder in (backend.library.parent, backend.state, backend.library):
        folder.mkdir(exist_ok=True)
        if folder != backend.library:
            (folder / "secret.safetensors").write_bytes(b"do not tell")
    before = {path for path in backend.library.parent.rglob("*") if "log" not in path.parts}
    spelled = quote(name.encode(errors="surrogateescape"), safe="")
    for method, path in (
        ("GET", f"/textures/{spelled}"),
        ("GET", f"/textures/{spelled}/file"),
        ("GET", f"/textures/{spelled}/thumbnail"),
        ("DELETE", f"/textures/{spelled}"),
        ("GET", f"/jobs/{spelled}"),
        ("GET", f"/jobs/{spelled}/results/0"),
        ("DELETE", f"/jobs/{spelled}"),
    ):
        status, told = backend.ask(method, path)
        assert status in (404, 405, 422)
        assert "do not tell" not in str(told)
    told = backend.ask("POST", "/textures/x/rename", json.dumps({"name": name}).encode())
    assert told[0] in (404, 422)
    assert {path for path in backend.library.parent.rglob("*") if "log" not in path.parts} == before


def test_only_this_computer_is_listened_to(backend: Backend):
    listening = [
        one for one in psutil.Process(backend.address.pid).net_connections() if one.status == psutil.CONN_LISTEN
    ]
    assert {one.laddr.ip for one in listening} == {"127.0.0.1"}


def test_the_token_and_names_of_pictures_stay_where_they_are(backend: Backend):
    client = backend.client
    client.wait(client.submit(c.Generate(source=[layer()], quality="draft", title="Braut vor Kirche")).id)
    token = backend.address.token
    commands = [part for process in (psutil.Process(backend.address.pid), backend.worker) for part in process.cmdline()]
    assert token not in " ".join(commands)
    assert token not in backend.log
    assert "Braut" not in backend.log
    assert token not in json.dumps(backend.ask("GET", "/openapi.json")[1])


def test_nothing_that_is_read_can_be_a_program():
    sources = [path.read_text() for folder in ("sinddm", "plugin") for path in (ROOT / folder).rglob("*.py")]
    assert len(sources) > 50
    assert not [text for text in sources if re.search(r"^\s*(import|from) (pickle|marshal|shelve|dill)\b", text, re.M)]
    assert not [text for text in sources if re.search(r"torch\.load\(|allow_pickle=True|\beval\(|\bexec\(", text)]
