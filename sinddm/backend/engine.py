"""Jobs done by the engine: what a client asked for, as calls of a texture."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sinddm.backend import cutting, pictures, requests
from sinddm.backend.requests import Job
from sinddm.backend.storage import INPUT, PARTIAL, PREVIEW, result_name, thumbnail_name
from sinddm.backend.thumbnails import PREVIEW_SIDE, thumbnail
from sinddm.errors import Cancelled, InputError, Paused
from sinddm.files import Picture
from sinddm.library import Library
from sinddm.pixels import match_channels
from sinddm.pyramid import resample
from sinddm.sampler import Step
from sinddm.texture import Texture
from sinddm.training.recipe import FINEST, named
from sinddm.training.session import Progress

Tell = Callable[..., None]
Tensors = dict[str, np.ndarray]
MOST_KEPT = 3  # textures that are kept ready
MOST_KEPT_PIXELS = 40 << 20  # of all of them together
TELL_EVERY, PREVIEW_EVERY, SAVE_EVERY = 0.1, 0.3, 30.0  # seconds


class Engine:
    """Textures that stay ready from job to job, and the work on one job at a time.

    ask() returns what is asked of the job at hand: "cancel", "pause", "finish" or None. tell: sends an event.
    """

    def __init__(self, device: str, ask: Callable[[], str | None], tell: Tell):
        self.device, self.library = device, Library()
        self._ask, self._tell = ask, tell
        self._ready: OrderedDict[str, Texture] = OrderedDict()

    def warm_up(self) -> None:
        """Make a tiny picture, so that what is compiled or loaded at first use is there when the first job comes."""
        spots = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
        Texture.from_image(spots, device=self.device).generate(size=(96, 96))

    def run(self, job: Job, folder: Path, made: Collection[int]) -> str | None:
        """Do a job, all of it or but for the results that are made already; the name of a texture that was learned.

        Raises Cancelled, Paused, InputError.
        """
        if isinstance(job, requests.Fetch):
            self._fetch(job)
            return None
        tensors = pictures.read(folder / INPUT)
        if isinstance(job, requests.Learn):
            return self._learn(job, folder, tensors)
        began = time.perf_counter()
        texture = self._texture(job, tensors)
        self._tell("progress", fraction=0.0, left=None, words=_words(job, 0), engine_seconds=_since(began))
        for index in range(job.count):
            if index not in made:
                self._make(job, index, texture, tensors, folder)
        return None

    def _make(self, job: requests.Making, index: int, texture: Texture, tensors: Tensors, folder: Path) -> None:
        """One variation."""
        shown = _Shown(self._tell, folder / PREVIEW, _words(job, index))

        def on_step(step: Step) -> None:
            self._check()
            shown.at((index + step.fraction) / job.count, lambda: step.x0[0])

        self._check()
        task, seed = TASKS[job.task], job.seed + index
        given = pictures.picture(job.picture, tensors) if isinstance(job, requests.OnPicture) else None
        mask, behind = None, None
        if isinstance(job, requests.Harmonize) and job.over and given:
            behind = pictures.picture(job.over, tensors)
            given, mask = cutting.composite(given, behind)
        elif isinstance(job, requests.Part) and job.mask:
            mask = pictures.unit(tensors[job.mask])
        shared = {"seed": seed, "quality": job.quality, "engine": job.engine, "on_step": on_step}
        began = time.perf_counter()
        if isinstance(job, requests.Sized):
            size = (job.height, job.width) if job.height and job.width else None
            form = pictures.format_of(job.format, texture.format.channels) if job.format else _own_format(job, texture)
            (array,) = task(texture, job, size=size, format=form, **shared)
        else:
            (array,) = task(texture, job, given, mask, **shared)
        seconds = time.perf_counter() - began
        layout, linear = _layout(job, texture)
        tensor = pictures.result(array, layout)
        about = {"task": job.task, "seed": seed, "layout": layout, "linear": linear, "x": 0, "y": 0}
        if isinstance(job, requests.Expand):
            about |= {"x": -job.left, "y": -job.top}
        if isinstance(job, requests.Part) and job.cut and mask is not None:
            part = cutting.changed(array, behind.array, mask) if behind else mask
            tensor, x, y = cutting.cut(tensor, part)
            about |= {"x": x, "y": y}
        pictures.write(folder / thumbnail_name(index), {"picture": thumbnail(tensor, layout, linear)})
        bytes_ = pictures.write(folder / result_name(index), {"picture": tensor}, {"result": about})
        height, width = tensor.shape[:2]
        place = {"x": about["x"], "y": about["y"]}
        listed = {"index": index, "seed": seed, "width": width, "height": height, **place, "bytes": bytes_}
        self._tell("result", result=listed, engine_seconds=seconds)

    def _learn(self, job: requests.Learn, folder: Path, tensors: Tensors) -> str:
        """Learn, from the start or from where it was left; the name of the texture."""
        partial = folder / PARTIAL
        resumed = partial.exists()
        texture = Texture.load(partial, device=self.device) if resumed else self._texture(job, tensors)
        preset = job.preset
        if job.finest:
            preset = replace(named(job.preset or "fast"), finest=FINEST)
        saved, stepped = time.monotonic(), False
        shown = _Shown(self._tell, folder / PREVIEW, "Learning")

        def on_progress(progress: Progress) -> None:
            nonlocal saved, stepped
            stepped = True
            self._check(finish=True)
            shown.at(progress.fraction, lambda: progress.preview, progress.left, progress.note or "Learning")
            if time.monotonic() - saved > SAVE_EVERY:
                texture.save(partial)
                saved = time.monotonic()

        began = time.perf_counter()
        try:
            done = texture.learn(
                preset=None if resumed or job.resume else preset,
                seconds=None if resumed else job.seconds,
                steps=None if resumed else job.steps,
                until_settled=job.until_settled and not resumed,
                seed=job.seed,
                resume=resumed or job.resume,
                on_progress=on_progress,
                check=self._check,
            )
        finally:
            self._tell("worked", engine_seconds=_since(began))
        if not done and self._ask() != "finish":
            if stepped:
                texture.save(partial)
            raise Paused
        name = job.source.texture if job.resume else job.name
        assert name
        if job.resume:
            texture.save(self.library.path(name))
        else:
            name = self.library.keep(texture.save, name)
        return name

    def _fetch(self, job: requests.Fetch) -> None:
        """Fetch a model; what has come stays when it is paused or cancelled."""
        from sinddm.text.fetching import fetch

        self._check()
        shown = _Shown(self._tell, Path(), "Fetching")
        fetch(job.model, lambda fraction, words: shown.at(fraction, lambda: None, words=words), self._check)

    def _check(self, finish: bool = False) -> None:
        """Raise what is asked for. finish: whether there is something to keep by now."""
        asked = self._ask()
        if asked == "cancel":
            raise Cancelled
        if asked == "pause" or (finish and asked == "finish"):
            raise Paused

    def _texture(self, job: requests.FromSource, tensors: Tensors) -> Texture:
        """What the job learns from; kept ready for the next job, unless it is about to be trained."""
        self._check()
        key = self._key(job.source, tensors)
        texture = self._ready.pop(key, None) or self._learned_from(job.source, tensors)
        if not isinstance(job, requests.Learn):
            self._ready[key] = texture
        while len(self._ready) > MOST_KEPT or (len(self._ready) > 1 and self._kept_pixels() > MOST_KEPT_PIXELS):
            self._ready.popitem(last=False)
        return texture

    def _learned_from(self, source: requests.Source, tensors: Tensors) -> Texture:
        if source.texture is not None:
            return Texture.load(self.library.find(source.texture), device=self.device)
        layers = source.layers or []
        learned = [pictures.picture(layer, tensors) for layer in layers]
        return Texture.from_images(learned, masks=[pictures.mask(one, tensors) for one in layers], device=self.device)

    def _key(self, source: requests.Source, tensors: Tensors) -> str:
        """The same for the same source."""
        if source.texture is not None:
            path = self.library.find(source.texture)
            state = path.stat()
            return f"{path} {state.st_mtime_ns} {state.st_size} {state.st_ino}"
        digest = hashlib.sha256(source.model_dump_json().encode())
        for layer in source.layers or []:
            for name in filter(None, (layer.tensor, layer.only, layer.without)):
                digest.update(f"{tensors[name].dtype} {tensors[name].shape}".encode())
                digest.update(np.ascontiguousarray(tensors[name]).data)
        return digest.hexdigest()

    def _kept_pixels(self) -> int:
        return sum(texture.source.used.numel() for texture in self._ready.values())


class _Shown:
    """How far a job is, told not too often."""

    def __init__(self, tell: Tell, preview: Path, words: str):
        self._tell, self._preview, self._words = tell, preview, words
        self._began = time.monotonic()
        self._told = self._pictured = 0.0
        self._first: float | None = None

    def at(self, fraction: float, picture: Callable[[], Any], left: float | None = None, words: str = "") -> None:
        """fraction: of the job. picture: gives a preview (C, h, w) in [-1, 1], or None."""
        now = time.monotonic()
        if self._first is None:
            self._first = fraction
        if left is None and fraction > self._first:
            left = (now - self._began) / (fraction - self._first) * (1 - fraction)
        if now - self._told > TELL_EVERY:
            self._tell("progress", fraction=min(1.0, fraction), left=left, words=words or self._words)
            self._told = now
        if now - self._pictured > PREVIEW_EVERY and (image := picture()) is not None:
            with suppress(InputError):  # what is made matters more: if the disk is full, that will tell
                pictures.write(self._preview, {"picture": _small(image)})
                self._tell("preview")
            self._pictured = now


def _small(image: Any) -> np.ndarray:
    """A picture (C, h, w) in [-1, 1] as a small uint8 one (h, w, 3)."""
    height, width = image.shape[-2:]
    scale = min(1.0, PREVIEW_SIDE / max(height, width))
    image = image if len(image) == 3 else image[:1]
    if scale < 1:
        image = resample(image, (max(1, round(height * scale)), max(1, round(width * scale))))
    values = match_channels(image.permute(1, 2, 0).cpu().numpy(), 3)
    return ((values + 1) * 127.5).clip(0, 255).astype(np.uint8)


def _words(job: requests.Making, index: int) -> str:
    """What is being made."""
    return f"Making {index + 1} of {job.count}" if job.count > 1 else "Making it"


def _own_format(job: requests.Sized, texture: Texture):
    """Without a wish: as the first layer came, but never flat."""
    return replace(texture.format, flat=False)


def _layout(job: requests.Making, texture: Texture) -> tuple[str, bool]:
    """The layout of the job's results, and whether they are linear."""
    if isinstance(job, requests.OnPicture):
        return job.picture.layout, job.picture.linear
    assert isinstance(job, requests.Sized)
    if job.format:
        return job.format.layout, job.format.linear
    if job.source.layers:
        return job.source.layers[0].layout, job.source.layers[0].linear
    return pictures.layout_of(texture.format), texture.format.linear


def _since(began: float) -> float:
    return time.perf_counter() - began


def _generate(texture: Texture, job: requests.Generate, **shared: Any) -> list[np.ndarray]:
    return texture.generate(closeness=job.closeness, keep_layout=job.keep_layout, **shared)


def _tile(texture: Texture, job: requests.Tile, **shared: Any) -> list[np.ndarray]:
    return texture.tile(axis=job.axis, **shared)


def _place(texture: Texture, job: requests.Place, **shared: Any) -> list[np.ndarray]:
    return texture.place([(region.source, region.target) for region in job.regions], **shared)


def _expand(texture: Texture, job: requests.Expand, given: Picture, _: None, **shared: Any) -> list[np.ndarray]:
    return texture.expand(given, left=job.left, right=job.right, top=job.top, bottom=job.bottom, **shared)


def _fill(texture: Texture, job: requests.Fill, given: Picture, mask: np.ndarray, **shared: Any) -> list[np.ndarray]:
    return texture.fill(given, mask, **shared)


def _paint(texture: Texture, job: requests.Paint, given: Picture, _: None, **shared: Any) -> list[np.ndarray]:
    return texture.paint(given, strength=job.strength, **shared)


def _style(texture: Texture, job: requests.Style, given: Picture, _: None, **shared: Any) -> list[np.ndarray]:
    return texture.style(given, strength=job.strength, **shared)


def _in_words(job: requests.Text) -> dict[str, Any]:
    """What all tasks of text take alike."""
    said = {"text": [(one.words, one.weight) for one in job.prompts if one.weight > 0]}
    said["avoid"] = [(one.words, -one.weight) for one in job.prompts if one.weight < 0]
    return {**said, "model": job.model, **({} if job.strength is None else {"strength": job.strength})}


def _text_content(texture: Texture, job: requests.TextContent, **shared: Any) -> list[np.ndarray]:
    return texture.text_content(share=job.share, **_in_words(job), **shared)


def _text_style(texture: Texture, job: requests.TextStyle, **shared: Any) -> list[np.ndarray]:
    return texture.text_style(**_in_words(job), **shared)


def _text_restyle(
    texture: Texture, job: requests.TextRestyle, given: Picture, _: None, **shared: Any
) -> list[np.ndarray]:
    return texture.text_restyle(given, **_in_words(job), **shared)


def _text_region(
    texture: Texture, job: requests.TextRegion, given: Picture, mask: np.ndarray, **shared: Any
) -> list[np.ndarray]:
    return texture.text_region(given, mask, **_in_words(job), **shared)


def _harmonize(
    texture: Texture, job: requests.Harmonize, given: Picture, mask: np.ndarray, **shared: Any
) -> list[np.ndarray]:
    return texture.harmonize(given, mask, strength=job.strength, **shared)


TASKS: dict[str, Callable[..., list[np.ndarray]]] = {
    "generate": _generate,
    "tile": _tile,
    "place": _place,
    "expand": _expand,
    "fill": _fill,
    "paint": _paint,
    "style": _style,
    "harmonize": _harmonize,
    "text_content": _text_content,
    "text_style": _text_style,
    "text_restyle": _text_restyle,
    "text_region": _text_region,
}
