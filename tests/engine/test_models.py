"""Models for text: fetched only when asked for, whole or not there, and used without a network."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import open_clip
import pytest
import torch
from hub import Hub, hub
from open_clip import pretrained
from safetensors.torch import load_file, save_file
from tiny_clip import CONFIG

from sinddm import Cancelled, InputError
from sinddm.text import adding, models, offers
from sinddm.text.fetching import fetch
from sinddm.text.prompts import Prompt

NAME = "tiny-drawn/shapes"
FILE = "laion/tiny-drawn/open_clip_model.safetensors"
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of models, whose name has spaces and umlauts."""
    folder = tmp_path / "Modelle für Öl"
    monkeypatch.setenv("SINDDM_MODELS", str(folder))
    models._ready.cache_clear()
    monkeypatch.setattr("sinddm.text.fetching.time.sleep", lambda _: None)
    return folder


@pytest.fixture(autouse=True)
def _known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """open_clip knows the tiny architecture, and a training of it."""
    config = tmp_path / "tiny-drawn.json"
    config.write_text(json.dumps(CONFIG["model_cfg"]))
    open_clip.add_model_config(config)
    known = pretrained._pcfg(hf_hub="laion/tiny-drawn/")
    monkeypatch.setitem(pretrained._PRETRAINED, "tiny-drawn", {"shapes": known})


@pytest.fixture
def weights(clips: tuple[Path, Path]) -> Path:
    return clips[0] / models.WEIGHTS


@pytest.fixture
def server(weights: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that has the tiny model's weights."""
    with hub({FILE: weights}) as found:
        monkeypatch.setenv("HF_ENDPOINT", found.address)
        yield found


def get(check=lambda: None) -> list[float]:
    """Fetch it; how far it was at each time that was told."""
    told: list[float] = []
    fetch(NAME, lambda fraction, _: told.append(fraction), check)
    return told


def left_over(place: Path) -> list[str]:
    return sorted(path.name for path in place.rglob("*") if path.is_file() and not path.name.endswith(".lock"))


def test_what_is_fetched_can_be_used_without_a_network(server: Hub, place: Path):
    told = get()
    assert told == sorted(told)
    assert told[-1] == 1
    server.shutdown()
    server.asked.clear()
    assert [one.name for one in models.installed()] == [NAME]
    assert models.load(None, CPU).meaning([Prompt("red")]).shape == (64,)
    assert not server.asked
    assert left_over(place) == [models.CONFIG, models.WEIGHTS]


def test_before_it_is_fetched_its_size_source_and_licence_are_known_without_a_network(weights: Path):
    offer = offers.offer(NAME)
    assert 0 <= weights.stat().st_size - offer.bytes < 20_000  # but for the names in the file
    assert offer.page == "https://huggingface.co/laion/tiny-drawn"
    assert offer.licence == "MIT"
    assert offers.offer() == offers.USUAL_OFFER


def test_a_broken_line_is_taken_up_where_it_broke(server: Hub, weights: Path):
    server.cut_after = weights.stat().st_size // 3
    get()
    begins = [
        int(asked.removeprefix("bytes=").rstrip("-")) for path, asked in server.asked if asked and "/cdn/" in path
    ]
    assert begins == sorted(set(begins))
    assert len(begins) >= 2


def test_after_a_cancel_the_next_try_goes_on(server: Hub, weights: Path, place: Path):
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls > 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        get(check)
    assert not models.installed()
    came = next(place.rglob("*.part")).stat().st_size
    assert 0 < came < weights.stat().st_size
    server.asked.clear()
    get()
    assert ("bytes=", came) in [(asked[:6], int(asked[6:-1])) for _, asked in server.asked if asked]
    assert models.load(NAME, CPU)


def test_a_hub_that_cannot_begin_in_the_middle_begins_anew(server: Hub, weights: Path):
    server.cut_after, server.ranges = weights.stat().st_size // 2, False
    with pytest.raises(InputError, match="could not be reached"):
        get()
    server.cut_after = None
    get()
    assert models.load(NAME, CPU)


def test_damaged_weights_are_refused_and_the_next_try_works(server: Hub, place: Path):
    server.damaged = True
    with pytest.raises(InputError, match="is not what its publisher has put there: try again"):
        get()
    assert not models.installed()
    assert not [name for name in left_over(place) if "part" in name or "safetensors" in name]
    server.damaged = False
    get()
    assert models.load(NAME, CPU)


def test_weights_of_another_architecture_are_refused(server: Hub, tmp_path: Path, weights: Path):
    state = load_file(weights)
    state["text_projection"] = torch.zeros(5, 5)
    save_file(state, tmp_path / "other.safetensors")
    server.files[FILE] = tmp_path / "other.safetensors"
    with pytest.raises(InputError, match="another architecture"):
        get()
    assert not models.installed()
    server.files[FILE] = weights
    get()
    assert models.load(NAME, CPU)


def test_what_is_no_weights_at_all_is_refused(server: Hub, tmp_path: Path):
    (tmp_path / "page.safetensors").write_bytes(b"<html>Please sign in</html>" * 100)
    server.files[FILE] = tmp_path / "page.safetensors"
    with pytest.raises(InputError, match="damaged"):
        get()
    assert not models.installed()


def test_a_hub_that_stumbles_is_asked_again(server: Hub):
    server.failures = 3
    get()
    assert models.load(NAME, CPU)


def test_a_hub_that_is_down_is_told_in_words(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(InputError, match="check the connection to the network"):
        get()


def test_a_model_that_the_hub_has_no_more_is_told_in_words(server: Hub):
    server.files.clear()
    with pytest.raises(InputError, match="does not have this model"):
        get()


def test_pickled_weights_become_safetensors(server: Hub, tmp_path: Path, weights: Path, place: Path):
    torch.save(load_file(weights), tmp_path / "open_clip_pytorch_model.bin")
    server.files = {"laion/tiny-drawn/open_clip_pytorch_model.bin": tmp_path / "open_clip_pytorch_model.bin"}
    get()
    assert left_over(place) == [models.CONFIG, models.WEIGHTS]
    assert models.load(NAME, CPU)


def test_weights_that_would_run_a_program_are_refused(tmp_path: Path):
    class Evil:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "ran"),))

    torch.save({"weights": Evil()}, tmp_path / "evil.pt")
    with pytest.raises(InputError, match="cannot be used"):
        adding.add(tmp_path / "evil.pt", "tiny-drawn/evil")
    assert not (tmp_path / "ran").exists()
    assert not models.installed()


def test_a_full_disk_is_told_before_anything_is_fetched(server: Hub, monkeypatch: pytest.MonkeyPatch):
    usage = shutil.disk_usage("/")._replace(free=1 << 20)
    monkeypatch.setattr("sinddm.text.fetching.shutil.disk_usage", lambda _: usage)
    with pytest.raises(InputError, match="not enough space"):
        get()
    assert not any(path.startswith("/cdn/") for path, _ in server.asked)


def test_a_local_file_and_a_local_folder_can_be_added(weights: Path, clips: tuple[Path, Path]):
    assert adding.add(weights, "tiny-drawn/mine").bytes == weights.stat().st_size
    adding.add(clips[1], "tiny/judge")
    assert [one.name for one in models.installed()] == ["tiny/judge", "tiny-drawn/mine"]
    with pytest.raises(InputError, match="already a model"):
        adding.add(weights, "tiny-drawn/mine")
    models.remove("tiny/judge")
    assert [one.name for one in models.installed()] == ["tiny-drawn/mine"]


@pytest.mark.parametrize("name", ["one", "a/b/c", "../x", "a/", ".hidden/x", "a\\b/c:d", ""])
def test_what_is_no_name_is_refused(name: str, weights: Path):
    with pytest.raises(InputError):
        adding.add(weights, name)


def test_a_model_that_nobody_knows_is_refused():
    with pytest.raises(InputError, match="knows no model"):
        offers.offer("ViT-B-32/never")
    with pytest.raises(InputError, match="There is no model"):
        models.load("ViT-B-16/openai", CPU)


def test_without_a_model_the_sentence_says_how_to_get_it():
    with pytest.raises(InputError, match="sinddm models get"):
        models.load(None, CPU)


def test_a_model_that_was_damaged_later_is_told_in_words(server: Hub, place: Path):
    get()
    (place / NAME / models.WEIGHTS).write_bytes(b"nothing")
    with pytest.raises(InputError, match="cannot be used"):
        models.load(NAME, CPU)


def test_without_open_clip_all_else_works_and_text_says_what_to_do(tmp_path: Path):
    blocked = "import sys; sys.modules['open_clip'] = None; from sinddm.cli import main; sys.exit(main(sys.argv[1:]))"

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", blocked, *words], capture_output=True, text=True, check=False, cwd=tmp_path
        )

    from PIL import Image

    Image.effect_noise((64, 64), 60).convert("RGB").save(tmp_path / "noise.png")
    assert run("generate", "noise.png", "-o", "new.png", "--quality", "draft").returncode == 0
    for words in (("text", "noise.png", "--prompt", "red", "-o", "red.png"), ("models", "list"), ("models", "get")):
        told = run(*words)
        assert told.returncode == 2
        assert "pip install 'sinddm[text]'" in told.stderr
        assert told.stderr.count("\n") == 1
    assert not (tmp_path / "red.png").exists()
