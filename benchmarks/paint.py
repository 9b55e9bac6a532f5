"""Painting in strokes with relief, and the fields of noise and colour that a picture starts from."""

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

SHARP = 4  # drawing happens at this many times the finished size


class Canvas:
    """Paint in strokes of several bristles that keep their relief."""

    def __init__(self, h: int, w: int, ground: tuple[int, int, int], rng: np.random.Generator):
        self.h, self.w, self.rng = h, w, rng
        self._color = Image.new("RGB", (w * SHARP, h * SHARP), ground)
        self._relief = Image.new("L", self._color.size, 128)

    def strokes(self, xy, angle, length, width, colors, *, wobble: float = 6.0) -> None:
        """Draw strokes in the order given.

        xy: (N, 2) centres. angle: radians, a number, (N,), or an (h, w) field that strokes follow.
        length, width: numbers or (N,). colors: (N, 3) or (3,), 0..255. wobble: how bristles differ in it.
        """
        xy = np.asarray(xy, float)
        count = len(xy)
        angle = np.asarray(angle, float)
        length, width = (np.broadcast_to(np.asarray(v, float), (count,)) for v in (length, width))
        colors = np.broadcast_to(np.asarray(colors, float), (count, 3))
        paths = self._paths(xy, angle, length)
        along = np.gradient(paths, axis=1)
        across = np.stack([-along[..., 1], along[..., 0]], -1) / np.linalg.norm(along, axis=-1, keepdims=True)
        across = across * np.array([0.55, 0.95, 1.0, 0.9, 0.45])[:, None] * width[:, None, None] / 2
        draw, press = ImageDraw.Draw(self._color), ImageDraw.Draw(self._relief)
        for path, side, color, size in zip(paths, across, colors, width, strict=True):
            outline = (np.concatenate([path + side, (path - side)[::-1]]) * SHARP).ravel().tolist()
            height = int(self.rng.uniform(105, 150))
            draw.polygon(outline, fill=_rgb(color))
            press.polygon(outline, fill=height)
            for offset in np.linspace(-0.75, 0.75, max(2, round(size * 1.4))):
                bristle = ((path + side * offset) * SHARP).ravel().tolist()
                thick = max(1, round(size * SHARP / 6))
                draw.line(bristle, fill=_rgb(color + self.rng.normal(0, wobble)), width=thick)
                press.line(bristle, fill=int(np.clip(height + self.rng.normal(0, 22), 0, 255)), width=thick)

    def cover(self, base, angle, length, width, *, times: float = 3.0, hue: float = 7.0, where=None) -> None:
        """Cover the canvas, or where a mask says, with strokes that take their colours from a picture."""
        count = int(times * self.h * self.w / (length * width))
        xy = self.rng.uniform((0, 0), (self.w, self.h), (count, 2))
        if where is not None:
            xy = xy[values_at(where, xy) > 0.5]
        colors = values_at(base, xy) + self.rng.normal(0, hue, (len(xy), 3)) + self.rng.normal(0, hue, (len(xy), 1))
        spread = self.rng.uniform(0.6, 1.4, (2, len(xy)))
        self.strokes(xy, angle, length * spread[0], width * spread[1], colors)

    def picture(self, depth: float = 0.5) -> np.ndarray:
        """The finished picture, uint8 (h, w, 3), lit from the upper left."""
        color = np.asarray(self._color.resize((self.w, self.h), Image.Resampling.LANCZOS), float)
        relief = np.asarray(self._relief.resize((self.w, self.h), Image.Resampling.LANCZOS), float)
        light = ndimage.sobel(relief, 0) + ndimage.sobel(relief, 1)
        return to_uint8(color + depth * np.clip(light / 4, -40, 40)[..., None])

    def _paths(self, xy: np.ndarray, angle: np.ndarray, length: np.ndarray) -> np.ndarray:
        """(N, 5, 2): five points along each stroke."""
        if angle.ndim < 2:
            turn = np.broadcast_to(angle, (len(xy),))
            steps = np.linspace(-0.5, 0.5, 5)[:, None]
            return xy[:, None] + steps * (length * np.stack([np.cos(turn), np.sin(turn)])).T[:, None]
        points = [xy]
        for sign in (-1, 1):
            at = xy
            for _ in range(2):
                turn = values_at(angle, at)
                at = at + sign * length[:, None] / 4 * np.stack([np.cos(turn), np.sin(turn)], -1)
                points.insert(0 if sign < 0 else len(points), at)
        return np.stack(points, axis=1)


def noise(rng: np.random.Generator, h: int, w: int, size: tuple[float, float]) -> np.ndarray:
    """Smooth noise (h, w) of mean 0 and standard deviation 1; size: of the blur, in rows and columns."""
    field = ndimage.gaussian_filter(rng.normal(size=(h, w)), size, mode="reflect")
    return (field - field.mean()) / field.std()


def grown(field: np.ndarray) -> np.ndarray:
    """The field at the size of drawing."""
    return np.asarray(ndimage.zoom(field, SHARP, order=1, mode="nearest"))


def values_at(field: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """The field's values at points, the nearest inside."""
    column = np.clip(xy[:, 0].astype(int), 0, field.shape[1] - 1)
    return field[np.clip(xy[:, 1].astype(int), 0, field.shape[0] - 1), column]


def blend(first, second, share) -> np.ndarray:
    """Colours between two, by share 0..1, which is clipped."""
    share = np.clip(np.asarray(share, float), 0, 1)[..., None]
    return np.asarray(first, float) * (1 - share) + np.asarray(second, float) * share


def soft(values: np.ndarray, edge: float, width: float) -> np.ndarray:
    """A smooth step from 0 to 1 around an edge."""
    t = np.clip((values - edge) / width + 0.5, 0, 1)
    return t * t * (3 - 2 * t)


def _rgb(color: np.ndarray) -> tuple[int, int, int]:
    r, g, b = np.clip(color, 0, 255).astype(int).tolist()
    return r, g, b


def to_uint8(picture: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)
