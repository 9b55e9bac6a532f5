"""Pictures for demo and benchmarks: drawn from a seed, or free photographs that ship with scikit-image."""

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage
from scipy.spatial import KDTree

from benchmarks.paint import SHARP, Canvas, blend, grown, noise, soft, to_uint8, values_at


def meadow(h: int = 187, w: int = 267, seed: int = 1) -> np.ndarray:
    """An impressionist landscape: clouds, blue hills, poplars, a field of poppies. uint8 (h, w, 3)."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(w) / w, np.arange(h) / h)
    horizon = 0.56
    cloud = soft(noise(rng, h, w, (h / 14, w / 9)) + 0.6 * noise(rng, h, w, (h / 30, w / 24)), 0.25, 0.5)
    sky = blend((88, 138, 196), (196, 214, 214), y / horizon)
    sky = blend(sky, blend((248, 240, 226), (232, 196, 186), soft(y - 0.25, 0, 0.2)), cloud * 0.95)
    far = horizon - 0.10 - 0.05 * np.sin(5 * x + 0.6) - 0.02 * np.sin(13 * x + 2)
    near = horizon - 0.035 - 0.025 * np.sin(7 * x + 3.2)
    patches = noise(rng, h, w, (h / 40, w / 8))
    field = blend((206, 196, 122), (74, 112, 48), (y - horizon) / (1 - horizon))
    field = blend(field, (150, 176, 92), soft(patches, 0.2, 0.4) * 0.6)
    hills = blend((118, 142, 184), (92, 122, 160), (y - far) * 8)
    base = np.where((y > far)[..., None], hills, sky)
    base = np.where((y > near)[..., None], blend((84, 124, 104), (108, 140, 92), (y - near) * 14), base)
    base = np.where((y > horizon)[..., None], field, base)

    canvas = Canvas(h, w, (150, 160, 150), rng)
    drift = 0.9 * noise(rng, h, w, (h / 8, w / 8)) * (y < far) + 0.15 * noise(rng, h, w, (h / 12, w / 12))
    canvas.cover(base, drift, 16, 5, times=3)
    canvas.cover(base, drift, 9, 2.6, times=2.5)
    for at, height, girth in [(0.1, 0.16, 0.2), (0.24, 0.12, 0.14), (0.9, 0.17, 0.2), (0.45, 0.07, 0.12)]:
        _bush(canvas, at * w, (horizon + 0.01) * h, height * h, girth * w)
    for at, height in [(0.66, 0.46), (0.73, 0.34), (0.35, 0.27), (0.585, 0.22)]:
        _poplar(canvas, at * w, (horizon + 0.02) * h, height * h)
    _grass(canvas, field, horizon)
    return canvas.picture()


def night(h: int = 200, w: int = 267, seed: int = 3) -> np.ndarray:
    """A village under a sky of swirling strokes, moon and stars. uint8 (h, w, 3)."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(w, dtype=float), np.arange(h, dtype=float))
    swirls = [(0.36, 0.34, 0.17, 1), (0.58, 0.46, 0.11, -1), (0.12, 0.14, 0.1, -1)]
    angle = 0.5 * noise(rng, h, w, (h / 5, w / 5)) + 0.15 * np.sin(x / w * 9)
    glow = np.zeros((h, w))
    band = 0.12 * np.sin(y / h * 26 + 2.5 * np.sin(x / w * 7)) + 0.25 * noise(rng, h, w, (h / 18, w / 7))
    for at, up, reach, turn in swirls:
        dx, dy = x - at * w, y - up * h
        away = np.hypot(dx, dy) / (reach * w)
        pull = np.exp(-(away**3))
        angle = angle * (1 - pull) + pull * (np.arctan2(dy, dx) + turn * (np.pi / 2 - 0.25))
        band += pull * 0.45 * np.cos(2 * np.arctan2(dy, dx) * 0.5 + away * 9)
    stars = [
        (0.84, 0.17, 0.075),
        (0.07, 0.42, 0.026),
        (0.23, 0.1, 0.03),
        (0.47, 0.1, 0.026),
        (0.64, 0.2, 0.03),
    ]
    stars += [(0.74, 0.38, 0.024), (0.93, 0.45, 0.03), (0.2, 0.56, 0.02)]
    for at, up, reach in stars:
        dx, dy = x - at * w, y - up * h
        away = np.hypot(dx, dy) / (reach * w)
        pull = np.exp(-((away / 2.2) ** 2))
        angle = angle * (1 - pull) + pull * (np.arctan2(dy, dx) + np.pi / 2)
        glow = np.maximum(glow, np.exp(-(away**2)) + 0.4 * np.exp(-((away - 1.9) ** 2) * 3))
    deep = blend((24, 42, 104), (70, 120, 176), y / h * 1.2)
    base = blend(deep, (168, 200, 206), soft(band, 0.05, 0.5) * 0.8)
    base = blend(base, (14, 24, 66), soft(-band, 0.1, 0.4) * 0.7)
    base = blend(base, (250, 222, 110), glow)
    ridge = h * (0.72 - 0.10 * np.sin(x / w * 4.2 + 0.4) + 0.03 * np.sin(x / w * 15))
    hill = blend((36, 74, 92), (16, 34, 44), (y - ridge) / (0.22 * h))
    base = np.where((y > ridge - 0.05 * h)[..., None], blend(base, (150, 176, 196), 0.65), base)
    base = np.where((y > ridge)[..., None], hill, base)
    angle = np.where(y > ridge, np.arctan(np.gradient(ridge, axis=1)) + 0.2, angle)

    canvas = Canvas(h, w, (20, 30, 70), rng)
    canvas.cover(base, angle, 16, 3.4, times=4, hue=9)
    canvas.cover(base, angle, 10, 2.2, times=3, hue=11)
    for at, up, reach in stars:
        canvas.strokes([(at * w, up * h)] * 6, rng.uniform(0, 3, 6), reach * w * 0.7, reach * w * 0.5, (255, 246, 196))
    _village(canvas)
    return canvas.picture(0.4)


def pebbles(h: int = 200, w: int = 200, seed: int = 2) -> np.ndarray:
    """A floor of rounded stones of several colours, seen from above. uint8 (h, w, 3)."""
    rng = np.random.default_rng(seed)
    H, W = h * SHARP, w * SHARP
    margin, spacing = 20 * SHARP, 17 * SHARP
    count = int((H + 2 * margin) * (W + 2 * margin) / spacing**2)
    centres = _spread(rng, count, (H + 2 * margin, W + 2 * margin)) - margin
    y, x = np.mgrid[0:H, 0:W].astype(float)
    bend = [SHARP * 2.5 * grown(noise(rng, h, w, (h / 26, w / 26))) for _ in range(2)]
    tree = KDTree(centres)
    where = np.stack([y + bend[0], x + bend[1]], -1).reshape(-1, 2)
    away, which = (np.asarray(found) for found in tree.query(where, k=2))
    # distance to the border between the two nearest stones
    apart = np.linalg.norm(centres[which[:, 0]] - centres[which[:, 1]], axis=1)
    rim = ((away[:, 1] ** 2 - away[:, 0] ** 2) / (2 * apart)).reshape(H, W) / SHARP
    which = which[:, 0].reshape(H, W)
    palette = np.array(
        [
            (186, 170, 148),
            (150, 142, 136),
            (120, 124, 128),
            (196, 158, 116),
            (142, 100, 80),
            (214, 206, 192),
            (92, 92, 98),
        ]
    )
    tint = palette[rng.choice(len(palette), count, p=[0.22, 0.18, 0.16, 0.14, 0.1, 0.12, 0.08])]
    tint = tint + rng.normal(0, 4, (count, 3)) + rng.normal(0, 10, (count, 1))
    height = np.sqrt(np.clip((rim - 0.9) / 5, 0, 1)) * 4.5 * SHARP
    height = ndimage.gaussian_filter(height, SHARP * 1.3)
    dy, dx = np.gradient(height)
    light = (1 - 0.5 * (dx + dy)) / np.sqrt(1 + dx**2 + dy**2)
    grain = 10 * grown(noise(rng, h, w, (h / 5, w / 5))) + 6 * grown(noise(rng, h, w, (0.7, 0.7)))
    veins = soft(grown(noise(rng, h, w, (5, 1.2))), 1.2, 0.8) * 16
    stone = (tint[which] + (grain + veins)[..., None]) * np.clip(light, 0.25, 1.3)[..., None]
    sand = np.array((70, 60, 50)) + (grain * 0.8)[..., None]
    picture = blend(sand, stone, soft(rim - 0.9, 0, 0.5))
    return _shrunk(picture, h, w)


def photograph(name: str = "cat", h: int = 200, w: int = 300) -> np.ndarray:
    """A free photograph that ships with scikit-image, cropped to the shape and reduced. uint8 (h, w, 3).

    name: cat (CC0, Stefan van der Walt), coffee (CC0, Rachel Michetti), rocket (public domain, SpaceX).
    """
    from skimage import data

    image = Image.fromarray({"cat": data.chelsea, "coffee": data.coffee, "rocket": data.rocket}[name]())
    fit = min(image.width / w, image.height / h)
    left, top = (image.width - w * fit) / 2, (image.height - h * fit) / 2
    box = (left, top, left + w * fit, top + h * fit)
    return np.asarray(image.resize((w, h), Image.Resampling.LANCZOS, box=box))


def rough_painting(h: int = 187, w: int = 267) -> np.ndarray:
    """Flat shapes to be rendered in the look of `meadow`: sky, hills, trees, field, dots. uint8 (h, w, 3)."""
    image = Image.new("RGB", (w * SHARP, h * SHARP), (120, 165, 205))
    draw = ImageDraw.Draw(image)

    def spot(x: float, y: float, a: float, b: float, color: tuple[int, int, int]) -> None:
        draw.ellipse([(x - a) * w * SHARP, (y - b) * h * SHARP, (x + a) * w * SHARP, (y + b) * h * SHARP], fill=color)

    spot(0.7, 0.16, 0.17, 0.06, (244, 234, 222))
    spot(0.58, 0.19, 0.10, 0.04, (244, 234, 222))
    spot(0.2, 0.62, 0.42, 0.26, (104, 130, 168))
    spot(0.85, 0.66, 0.4, 0.15, (96, 132, 104))
    draw.rectangle([0, 0.6 * h * SHARP, w * SHARP, h * SHARP], fill=(176, 176, 98))
    draw.rectangle([0, 0.8 * h * SHARP, w * SHARP, h * SHARP], fill=(96, 130, 60))
    spot(0.3, 0.42, 0.045, 0.26, (44, 74, 46))
    spot(0.84, 0.52, 0.12, 0.14, (70, 100, 52))
    rng = np.random.default_rng(7)
    for x, y in rng.uniform((0.03, 0.68), (0.97, 0.98), (70, 2)):
        spot(x, y, 0.004 + 0.02 * (y - 0.6), 0.004 + 0.03 * (y - 0.6), (205, 52, 38))
    return np.asarray(image.resize((w, h), Image.Resampling.LANCZOS))


def hole_mask(h: int, w: int, seed: int = 4, share: float = 0.09) -> np.ndarray:
    """An irregular blob near the middle over a share of the picture. bool (h, w), True is to be filled."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:h, 0:w]
    away = np.hypot((y - 0.52 * h) / h, (x - 0.48 * w) / w * 0.8)
    field = away + 0.06 * noise(rng, h, w, (h / 18, w / 18))
    mask = field < np.quantile(field, share)
    labels = np.asarray(ndimage.label(mask)[0])  # type: ignore[index]
    largest = np.argmax(np.bincount(labels.ravel())[1:]) + 1
    return np.asarray(ndimage.binary_fill_holes(labels == largest))


def pasted_balloon(picture: np.ndarray, at: tuple[float, float] = (0.2, 0.27)) -> tuple[np.ndarray, np.ndarray]:
    """A crisp drawn hot-air balloon pasted into a painting: (composite uint8 (h, w, 3), mask bool (h, w))."""
    h, w = picture.shape[:2]
    size = 0.4 * h * SHARP
    layer = Image.new("RGBA", (w * SHARP, h * SHARP))
    draw = ImageDraw.Draw(layer)
    cx, cy = at[0] * w * SHARP, at[1] * h * SHARP
    rise = np.linspace(0, 1, 60)
    # half width of the envelope: a round crown that tapers to the mouth
    crown = np.sqrt(1 - (1 - np.minimum(rise / 0.42, 1)) ** 2)
    taper = 0.14 + 0.86 * np.cos(np.maximum(rise - 0.42, 0) / 0.58 * np.pi / 2)
    half = np.minimum(crown, taper) * 0.36 * size
    ys = cy + (rise - 0.5) * 0.86 * size
    gores = [
        (214, 40, 40),
        (250, 196, 30),
        (30, 90, 200),
        (250, 250, 250),
        (30, 90, 200),
        (250, 196, 30),
        (214, 40, 40),
    ]
    edges = np.sin(np.linspace(-np.pi / 2, np.pi / 2, len(gores) + 1))
    for left, right, color in zip(edges[:-1], edges[1:], gores, strict=True):
        side = [(cx + left * a, y) for a, y in zip(half, ys, strict=True)]
        other = [(cx + right * a, y) for a, y in zip(half, ys, strict=True)]
        draw.polygon(side + other[::-1], fill=color)
    mouth, basket = ys[-1], ys[-1] + 0.1 * size
    for side in (-1, 1):
        draw.line([cx + side * half[-1], mouth, cx + side * 0.045 * size, basket], fill=(60, 40, 30), width=SHARP)
    draw.rectangle([cx - 0.055 * size, basket, cx + 0.055 * size, basket + 0.08 * size], fill=(120, 74, 36))
    return _pasted(picture, layer)


def pasted_shuttle(picture: np.ndarray, at: tuple[float, float] = (0.24, 0.7)) -> tuple[np.ndarray, np.ndarray]:
    """The shuttle of scikit-image's astronaut (NASA, public domain), in studio light, in a photograph.

    Returns (composite uint8 (h, w, 3), mask bool (h, w)).
    """
    from skimage import data

    h, w = picture.shape[:2]
    left, top, right, bottom = 370, 0, 462, 190
    source = Image.fromarray(data.astronaut()).crop((left, top, right, bottom))
    big = (source.width * SHARP, source.height * SHARP)
    cut = Image.new("L", big)
    outline = [((x - left) * SHARP, (y - top) * SHARP) for x, y in _SHUTTLE]
    ImageDraw.Draw(cut).polygon(outline, fill=255)
    warm = np.asarray(source, float) * (1.1, 0.98, 0.78)
    stamp = Image.fromarray(to_uint8(warm)).resize(big, Image.Resampling.LANCZOS)
    stamp.putalpha(cut)
    scale = 0.5 * h * SHARP / big[1]
    stamp = stamp.resize((round(big[0] * scale), round(big[1] * scale)), Image.Resampling.LANCZOS)
    layer = Image.new("RGBA", (w * SHARP, h * SHARP))
    layer.paste(stamp, (round(at[0] * w * SHARP - stamp.width / 2), round(at[1] * h * SHARP - stamp.height / 2)))
    return _pasted(picture, layer)


# outline of tank, boosters and orbiter in the 512 x 512 photograph, x and y
_SHUTTLE = [
    (411, 1),
    (404, 12),
    (399, 25),
    (397, 40),
    (397, 65),
    (395, 58),
    (392, 46),
    (388, 42),
    (384, 48),
    (381, 62),
    (381, 93),
    (380, 103),
    (378, 120),
    (378, 184),
    (455, 184),
    (455, 67),
    (450, 53),
    (445, 40),
    (441, 48),
    (438, 57),
    (437, 42),
    (433, 23),
    (428, 10),
    (424, 1),
]


def _bush(canvas: Canvas, x: float, ground: float, height: float, girth: float) -> None:
    """A broad tree of several clumps of leaves, each lit from the upper left."""
    rng = canvas.rng
    for clump in range(7):
        cx = x + rng.uniform(-0.34, 0.34) * girth
        cy = ground - height * (0.3 + 0.45 * rng.uniform(0, 1) * (clump > 1))
        count = int(3 + height * girth * 0.11)
        dx, dy = rng.normal(0, 0.5, (2, count))
        xy = np.stack([cx + dx * 0.3 * girth, np.minimum(cy + dy * 0.36 * height, ground)], -1)
        light = 0.38 - 0.45 * dx - 0.55 * dy + rng.normal(0, 0.22, count)
        _leaves(canvas, xy, rng.normal(-0.8, 0.7, count), 4.2, light)


def _poplar(canvas: Canvas, x: float, ground: float, height: float) -> None:
    """A tall narrow tree of upward strokes, ragged towards its tip."""
    rng = canvas.rng
    count = int(height * height * 0.11 + 40)
    up = np.sort(rng.uniform(0, 1, count)) ** 0.9
    half = 0.085 * height * (1 - up) ** 0.6 * (0.45 + 0.55 * np.minimum(1, up * 5))
    half = half * (1 + 0.35 * np.sin(up * 31 + x)) + 0.6
    dx = rng.normal(0, 0.5, count)
    light = 0.3 - 0.5 * dx + rng.normal(0, 0.25, count)
    xy = np.stack([x + dx * half + 0.01 * height * np.sin(5 * up + x), ground - up * height], -1)
    _leaves(canvas, xy, rng.normal(-1.5, 0.35, count), 6.5, light)


def _leaves(canvas: Canvas, xy: np.ndarray, angle: np.ndarray, length: float, light: np.ndarray) -> None:
    """Dabs from deep blue green (light 0) over olive to yellow (light 1)."""
    color = blend(blend((30, 48, 58), (64, 96, 50), light * 2), (212, 190, 92), light * 2 - 1)
    canvas.strokes(xy, angle, length, 2.1, color + canvas.rng.normal(0, 9, color.shape))


def _grass(canvas: Canvas, field: np.ndarray, horizon: float) -> None:
    """Blades that grow towards the viewer, with poppies and a few pale flowers among them, back to front."""
    rng, h, w = canvas.rng, canvas.h, canvas.w
    for near in np.linspace(0.03, 1, 26):
        y = (horizon + (1.02 - horizon) * near) * h
        count = int(w * (1.1 - 0.55 * near))
        xy = np.stack([rng.uniform(0, w, count), y + rng.normal(0, 1.2, count)], -1)
        color = values_at(field, xy) + rng.normal(0, 12, (count, 3)) + rng.normal(0, 14, (count, 1))
        canvas.strokes(xy, rng.normal(-1.45, 0.3, count), 2.5 + 9 * near, 0.9 + 1.1 * near, color)
        drift = 0.5 + 0.5 * np.sin(np.arange(w) / w * 9 + 4 * near)
        poppies = int(w * 0.16 * (1.3 - near))
        px = rng.choice(w, poppies, p=drift**2 / np.sum(drift**2)) + rng.uniform(0, 1, poppies)
        xy = np.stack([px, y + rng.normal(0, 1.5, poppies)], -1)
        red = np.array([(206, 52, 36), (226, 84, 54), (176, 36, 34), (232, 132, 110)])
        tint = red[rng.choice(4, poppies, p=[0.45, 0.3, 0.15, 0.1])] + rng.normal(0, 8, (poppies, 3))
        canvas.strokes(xy, rng.normal(0, 0.4, poppies), 1.8 + 3.6 * near, 1.2 + 2.6 * near, tint)
        pale = int(w * 0.035)
        xy = np.stack([rng.uniform(0, w, pale), y + rng.normal(0, 1.5, pale)], -1)
        canvas.strokes(xy, rng.normal(0, 0.5, pale), 1.4 + 2 * near, 1 + 1.4 * near, (236, 224, 202))


def _village(canvas: Canvas) -> None:
    """Houses with lit windows and a church, in outline, at the foot of the picture."""
    rng, h, w = canvas.rng, canvas.h, canvas.w
    for x in np.sort(rng.uniform(0.02, 0.95, 15)):
        wide, tall = rng.uniform(0.05, 0.085) * w, rng.uniform(0.05, 0.085) * h
        left, ground = x * w, rng.uniform(0.87, 0.95) * h
        wall = np.array((36, 52, 92)) + rng.normal(0, 8, 3)
        rows = np.arange(ground - tall, ground, 1.6)
        canvas.strokes([(left + wide / 2, y) for y in rows], 0, wide, 2.4, wall)
        for rise in np.arange(0, 0.6 * tall, 1.4):
            part = wide * 1.15 * (1 - rise / (0.62 * tall))
            canvas.strokes([(left + wide / 2, ground - tall - rise)], 0, part, 2.2, (58, 48, 70))
        for window in (0.3, 0.7):
            if rng.random() < 0.6:
                canvas.strokes([(left + window * wide, ground - 0.5 * tall)], 1.57, 3.4, 2.4, (248, 206, 96))
    x, ground, tall = 0.47 * w, 0.92 * h, 0.13 * h
    rows = np.arange(0, tall, 1.6)
    canvas.strokes([(x, ground - up) for up in rows], 0, 9, 2.4, (38, 52, 92))
    for rise in np.arange(0, tall, 1.2):
        canvas.strokes([(x, ground - tall - rise)], 0, 10 * (1 - rise / tall) + 0.8, 2, (30, 34, 62))
    canvas.strokes([(x, ground - 0.8 * tall)], 1.57, 4.5, 2.6, (248, 206, 96))
    xy = rng.uniform((0, 0.94 * h), (w, h), (260, 2))
    color = np.array((22, 40, 58)) + rng.normal(0, 9, (260, 3))
    canvas.strokes(xy, rng.normal(0.1, 0.3, 260), 10, 3, color)


def _pasted(picture: np.ndarray, layer: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    """The layer over the picture, and where it shows."""
    h, w = picture.shape[:2]
    small = np.asarray(layer.resize((w, h), Image.Resampling.BOX), float)
    opacity = small[..., 3:] / 255
    return to_uint8(picture * (1 - opacity) + small[..., :3] * opacity), opacity[..., 0] > 0.02


def _spread(rng: np.random.Generator, count: int, size: tuple[int, int]) -> np.ndarray:
    """Points at irregular but even distances: random ones, moved to their regions' means (Lloyd), (N, 2)."""
    points = rng.uniform((0, 0), size, (count, 2))
    samples = rng.uniform((0, 0), size, (60 * count, 2))
    for _ in range(4):
        _, owner = KDTree(points).query(samples)
        total = np.maximum(np.bincount(owner, minlength=count), 1)
        points = np.stack([np.bincount(owner, samples[:, i], count) / total for i in range(2)], -1)
    return points


def _shrunk(picture: np.ndarray, h: int, w: int) -> np.ndarray:
    return np.asarray(Image.fromarray(to_uint8(picture)).resize((w, h), Image.Resampling.LANCZOS))
