"""Only programs of this user that hold the token get anything from the backend; a web page gets nothing."""

import json
import re
import socket
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from backends import PATIENCE, Backend
from layers import layer
from raw import DATA, MEDIA_TYPE, bare_head, container, exchange, head, header, routes
from sinddm_plugin import client as c

ROOT = Path(__file__).parents[2]
PLACES = ("/", "/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect", "/nothing/here", "*", "//health")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD")
SECRET = b"do not tell"
NO_TOKEN = {"error": "The token is missing or wrong: read it anew from backend.json."}
NOT_HERE = {"error": "Only programs on this computer may use the backend: address it as 127.0.0.1."}
BROWSER = {"error": "Web pages may not use the backend: use the plugin or the command line."}


def everything(backend: Backend) -> list[tuple[str, str]]:
    """Whatever can be asked for, and what cannot."""
    return [*routes(backend), *((method, path) for path in PLACES for method in METHODS)]


def right(backend: Backend) -> dict[str, str]:
    return {"Authorization": f"Bearer {backend.address.token}"}


def answer(backend: Backend, method: str, path: str, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers, whose names are in small letters."""
    connection = HTTPConnection("127.0.0.1", backend.address.port, timeout=PATIENCE)
    try:
        connection.request(method, path, headers=headers)
        found = connection.getresponse()
        return found.status, found.read(), {name.lower(): value for name, value in found.getheaders()}
    finally:
        connection.close()


def test_nothing_is_told_to_who_does_not_hold_the_token(backend: Backend):
    token = backend.address.token
    wrong = ("", token, f"Basic {token}", f"bearer {token}", f"Bearer  {token}", f"Bearer {token}x")
    wrong += (
        f"Bearer {token[:-1]}",
        f"Bearer {token.swapcase()}",
        "Bearer ",
        "Bearer \xff\xfe",
        "Bearer " + "x" * 9000,
    )
    for method, path in everything(backend):
        for given in (None, *(wrong if path in ("/health", "/jobs", "/nothing/here") else ())):
            query = f"?token={token}&access_token={token}"
            headers = {"Cookie": f"token={token}"} | ({} if given is None else {"Authorization": given})
            status, told, answered = answer(backend, method, path + query, headers)
            assert status == 401, (method, path, given)
            assert method == "HEAD" or json.loads(told) == NO_TOKEN
            assert set(answered) == {"date", "content-type", "content-length", "www-authenticate"}


@pytest.mark.parametrize("second", ["right", "wrong"])
def test_two_tokens_are_none(backend: Backend, second):
    line = f"Authorization: Bearer {backend.address.token if second == 'right' else 'x'}"
    assert exchange(backend, head(backend, "GET", "/health", line)).startswith(b"HTTP/1.1 401 ")


HOSTS = (
    ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "127.0.0.1:80@evil", "evil@127.0.0.1", "127.0.0.2"],
    ["", " ", ":", "0.0.0.0", "[::1", "::1", "127.1", "2130706433", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:8\xb2"],
)


@pytest.mark.parametrize("host", [host for hosts in HOSTS for host in hosts])
def test_under_another_name_nothing_is_told(backend: Backend, host):
    for method, path in everything(backend) if host == "evil.example" else [("GET", "/health")]:
        status, told, _ = answer(backend, method, path, {**right(backend), "Host": host})
        assert status == 403, (method, path)
        assert method == "HEAD" or json.loads(told) == NOT_HERE


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("hosts", [[], ["127.0.0.1", "127.0.0.1"], ["127.0.0.1", "evil.example"]])
def test_exactly_one_host_is_to_be_named(backend: Backend, hosts, version):
    lines = [f"Authorization: Bearer {backend.address.token}", "Connection: close", *(f"Host: {one}" for one in hosts)]
    told = exchange(backend, bare_head("GET", "/health", *lines, version=version))
    assert re.match(rb"HTTP/1.1 40[03] ", told)
    assert b"version" not in told


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:1234", "[::1]:80"])
def test_any_name_of_this_computer_will_do(backend: Backend, host):
    assert answer(backend, "GET", "/health", {**right(backend), "Host": host})[0] == 200


@pytest.mark.parametrize("name", ["Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Mode", "sec-fetch-dest"])
def test_what_a_browser_sends_is_refused_even_with_the_token(backend: Backend, name):
    here = f"http://127.0.0.1:{backend.address.port}"
    for value in (here, "null", "same-origin", "none", ""):
        for method, path in everything(backend) if value == here else [("GET", "/health")]:
            status, told, answered = answer(backend, method, path, {**right(backend), name: value})
            assert status == 403, (method, path)
            assert method == "HEAD" or json.loads(told) == BROWSER
            assert not [one for one in answered if one.startswith("access-control")]


def test_no_answer_invites_web_pages(backend: Backend):
    for method, path in everything(backend):
        if path != "/stop":
            for more in ({}, {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x"}):
                query = "?seconds=0" if path == "/events" else ""
                status, told, answered = answer(backend, method, path + query, {**right(backend), **more})
                assert not [one for one in answered if one.startswith("access-control")], (method, path)
                assert "server" not in answered
                assert method != "OPTIONS" or status in (404, 405)
                assert b"<html" not in told.lower()


def test_there_are_no_pages_for_browsers(backend: Backend):
    for path in ("/", "/docs", "/redoc", "/favicon.ico", "/static/x"):
        assert backend.ask("GET", path)[0] == 404


def test_no_other_protocol_is_spoken(backend: Backend):
    upgrade = ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Connection: Upgrade, close")
    for kind in ("websocket", "h2c", "TLS/1.0"):
        lines = ("Host: 127.0.0.1", f"Upgrade: {kind}", *upgrade)
        for path in ("/health", "/events?seconds=0"):
            assert exchange(backend, bare_head("GET", path, *lines)).startswith(b"HTTP/1.1 401 ")
            token = f"Authorization: Bearer {backend.address.token}"
            assert exchange(backend, bare_head("GET", path, token, *lines)).startswith(b"HTTP/1.1 200 ")
    for start in (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\0" * 99):
        assert exchange(backend, start).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""]
)
def test_what_a_form_could_send_is_refused(backend: Backend, kind):
    headers = {**right(backend), "Content-Type": kind}
    body = container(header(), DATA)
    assert backend.ask("POST", "/jobs", body, headers)[0] == 415
    assert backend.ask("POST", "/textures?name=x", body, headers)[0] == 415
    assert backend.ask("POST", "/stop", b'{"only_idle": false}', headers)[0] == 415
    assert backend.ask("POST", "/textures/x/rename", b'{"name": "y"}', headers)[0] == 415
    assert backend.ask("GET", "/health")[0] == 200


STARTS = {
    "address": (b"GET /", b"a" * 65536),
    "header": (b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ", b"a" * 65536),
    "headers": (b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n", b"X: aaaaaaaaaaa\r\n" * 4096),
    "trailer": (b"POST /jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"a" * 65536),
}


@pytest.mark.parametrize("start", STARTS)
def test_a_head_that_does_not_end_fills_no_memory(backend: Backend, start):
    first, more = STARTS[start]
    sent, most = 0, 128 << 20
    with (
        suppress(ConnectionError),
        socket.create_connection(("127.0.0.1", backend.address.port), PATIENCE) as connection,
    ):
        connection.sendall(first)
        while sent < most:
            connection.sendall(more)
            sent += len(more)
    assert sent < most
    assert backend.ask("GET", "/health")[0] == 200


def test_a_long_head_that_ends_is_fine(backend: Backend):
    assert backend.ask("GET", "/health", None, {**right(backend), "X": "a" * 30_000})[0] == 200


def untouched(backend: Backend) -> dict[Path, bytes]:
    """All files that a backend keeps but its log, and the ones around them."""
    files = (path for path in backend.library.parent.rglob("*") if path.is_file() and "log" not in path.parts)
    return {path: path.read_bytes() for path in files if not path.name.startswith("history")}


@pytest.fixture
def secrets(backend: Backend) -> list[Path]:
    """Files beside the library and in the state folder that nobody is to read or to change."""
    backend.library.mkdir(exist_ok=True)
    folders = (backend.library.parent, backend.state, backend.state / "jobs", backend.library / "inside")
    for folder in folders:
        folder.mkdir(exist_ok=True)
        (folder / "secret.safetensors").write_bytes(SECRET)
    (backend.library.parent / "0123456789abcdef").mkdir(exist_ok=True)
    for name in ("result-0.safetensors", "preview.safetensors"):
        (backend.library.parent / "0123456789abcdef" / name).write_bytes(SECRET)
    return [folder / "secret" for folder in folders]


NAMES = ("../secret", "..\\secret", "a/../../secret", "./secret", "inside/secret", "~/secret", "file:///etc/passwd")
NAMES += ("secret\0", ".", "..", "", "con", "nul.txt", "x" * 3000, "🎨/..", "\udcff", "../jobs/secret", "..%2fsecret")
NAMES += ("../state/secret", "../state/backend.json", "C:\\secret", "\\\\server\\share", "secret\n", "*", "$HOME", "%s")


@pytest.mark.parametrize("name", [*NAMES, "ABSOLUTE"])
def test_no_path_reaches_the_file_system(backend: Backend, secrets, name):
    before = untouched(backend)
    for one in map(str, secrets) if name == "ABSOLUTE" else (name,):
        spelled = quote(one.encode(errors="surrogateescape"), safe="")
        asked = [("GET", f"/textures/{spelled}{more}") for more in ("", "/file", "/thumbnail", ".safetensors/file")]
        asked += [("GET", f"/jobs/{spelled}{more}") for more in ("", "/preview", "/results/0")]
        asked += [("GET", f"/jobs/{'0' * 16}/results/{spelled}"), ("GET", f"/events?seconds=0&job={spelled}")]
        asked += [("DELETE", f"/textures/{spelled}"), ("DELETE", f"/jobs/{spelled}")]
        for method, path in asked:
            status, told = backend.ask(method, path)
            assert status in (404, 405, 422) or path in ("/textures/", "/jobs/"), (method, path)
            assert SECRET not in json.dumps(told).encode()
        body = json.dumps({"name": one}).encode()
        assert backend.ask("POST", f"/textures/{spelled}/rename", b'{"name": "mine"}')[0] in (404, 405, 422)
        assert backend.ask("POST", "/textures/x/rename", body)[0] in (404, 422)
        headers = {**right(backend), "Content-Type": MEDIA_TYPE}
        status, told = backend.ask("POST", f"/textures?name={spelled}", SECRET, headers)
        assert status == 422
        assert str(backend.state) not in told["error"].replace(one, "")
        wish = {"task": "generate", "source": {"texture": one}}
        described = {"__metadata__": {"request": json.dumps(wish)}}
        assert backend.ask("POST", "/jobs", container(described, b""), headers)[0] == 422
    assert untouched(backend) == before


AS_THEY_ARE = ("/textures/../secret/file", "/textures/..%2fsecret/file", "/textures/%2e%2e/secret/file")
AS_THEY_ARE += ("/textures//secret/file", "/textures/..\\secret/file", "/jobs/../secret.safetensors", "/../secret")
AS_THEY_ARE += (
    "/jobs/..%2f0123456789abcdef/results/0",
    "/jobs/../0123456789abcdef/preview",
    "/jobs/%252e%252e/preview",
)
AS_THEY_ARE += ("/textures/;/../secret/file", "/textures/%00/file", "/textures/%zz/file", "/textures/a?/../secret/file")


@pytest.mark.parametrize("path", AS_THEY_ARE)
def test_nor_does_a_path_that_no_client_would_send(backend: Backend, secrets, path):
    before = untouched(backend)
    for method in ("GET", "DELETE"):
        told = exchange(backend, head(backend, method, path))
        assert re.match(rb"HTTP/1.1 4(00|04|05|22) ", told)
        assert SECRET not in told
    assert untouched(backend) == before


def test_only_this_computer_is_listened_to(backend: Backend):
    for process in (psutil.Process(backend.address.pid), backend.worker):
        listening = [one for one in process.net_connections("all") if one.status == psutil.CONN_LISTEN]
        assert {one.laddr for one in listening} <= {("127.0.0.1", backend.address.port)}


def test_the_token_and_names_of_pictures_stay_where_they_are(backend: Backend):
    client = backend.client
    client.wait(client.submit(c.Generate(source=[layer()], quality="draft", title="Braut vor Kirche")).id)
    refused = c.Generate(source="Hochzeit", title="Braut vor Kirche")
    with pytest.raises(c.Refused):
        client.submit(refused)
    token = backend.address.token
    for process in (psutil.Process(backend.address.pid), backend.worker):
        assert token not in " ".join(process.cmdline())
        assert token not in " ".join(process.environ().values())
    told = [path for path in backend.state.rglob("*") if path.is_file() and token.encode() in path.read_bytes()]
    assert told == [backend.state / "backend.json"]
    assert backend.log
    for secret in (token, "Braut", "Kirche", "Hochzeit"):
        assert secret not in backend.log
    for path in ("/openapi.json", "/health", "/jobs", "/textures"):
        assert token not in json.dumps(backend.ask("GET", path)[1])


def test_nothing_that_is_read_can_be_a_program():
    sources = [path.read_text() for folder in ("sinddm", "plugin") for path in (ROOT / folder).rglob("*.py")]
    assert len(sources) > 50
    assert not [text for text in sources if re.search(r"^\s*(import|from) (pickle|marshal|shelve|dill)\b", text, re.M)]
    assert not [text for text in sources if re.search(r"torch\.load\(|allow_pickle=True|\beval\(|\bexec\(", text)]
