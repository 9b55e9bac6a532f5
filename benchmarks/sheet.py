"""One labelled sheet of many pictures: rows with a title, pictures with a caption."""

import os

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sinddm import files

GROUND, INK, SOFT_INK, RULE = (242, 242, 240), (34, 34, 36), (104, 104, 108), (206, 206, 204)
MARGIN, GAP = 36, 20
TITLE, CAPTION, LINE = 20, 13, 17  # sizes of type, and the distance of a caption's lines, in pixels


def contact_sheet(
    rows: list[tuple[str, list[tuple[str, np.ndarray]]]],
    path: str | os.PathLike,
    *,
    thumb_height: int = 200,
    zoom: tuple[int, int] | None = None,
    heading: str = "",
) -> None:
    """Write rows of (title, [(caption, picture), ...]) as one picture file.

    Pictures: uint8 (h, w), (h, w, 3) or (h, w, 4), or bool masks. Those higher than thumb_height are
    reduced to it; lower ones are enlarged by whole numbers only, each pixel as a square.
    zoom: (height, width) of a crop from the middle that is shown under each picture at three times its size,
    with square pixels, so that edges and seams can be judged.
    """
    drawn = [(title, [_card(caption, array, thumb_height, zoom) for caption, array in row]) for title, row in rows]
    top = MARGIN + (TITLE + 30 if heading else 0)
    width = max((sum(card.width + GAP for card in cards) - GAP for _, cards in drawn if cards), default=0)
    width = max([width, *(_text_width(title, TITLE) for title, _ in drawn), _text_width(heading, TITLE + 8)])
    heights = [TITLE + 30 + max((card.height for card in cards), default=0) + GAP for _, cards in drawn]
    sheet = Image.new("RGB", (width + 2 * MARGIN, top + sum(heights) + MARGIN - GAP), GROUND)
    draw = ImageDraw.Draw(sheet)
    if heading:
        draw.text((MARGIN, MARGIN - 8), heading, INK, ImageFont.load_default(TITLE + 8))
    for (title, cards), height in zip(drawn, heights, strict=True):
        draw.line([MARGIN, top, sheet.width - MARGIN, top], RULE)
        draw.text((MARGIN, top + 8), title, INK, ImageFont.load_default(TITLE))
        left = MARGIN
        for card in cards:
            sheet.paste(card, (left, top + TITLE + 22))
            left += card.width + GAP
        top += height
    files.write(path, files.Picture(np.asarray(sheet)))


def _card(caption: str, array: np.ndarray, height: int, zoom: tuple[int, int] | None) -> Image.Image:
    """A picture, the crop if asked for, and the caption under them."""
    picture = _as_rgb(array)
    shown = [_fitted(picture, height)]
    if zoom:
        h, w = (min(side, have) for side, have in zip(zoom, array.shape, strict=False))
        left, top = (picture.width - w) // 2, (picture.height - h) // 2
        crop = picture.crop((left, top, left + w, top + h))
        shown.append(crop.resize((3 * w, 3 * h), Image.Resampling.NEAREST))
    width = max([image.width for image in shown] + [80])
    lines = _wrapped(caption, width)
    card = Image.new("RGB", (width, sum(image.height + 8 for image in shown) + LINE * len(lines)), GROUND)
    top = 0
    for image in shown:
        card.paste(image, (0, top))
        top += image.height + 8
    for number, line in enumerate(lines):
        ImageDraw.Draw(card).text((0, top - 3 + number * LINE), line, SOFT_INK, ImageFont.load_default(CAPTION))
    return card


def _as_rgb(array: np.ndarray) -> Image.Image:
    """Masks in black and white; transparency over a checkerboard."""
    if array.dtype == bool:
        array = array * np.uint8(255)
    image = Image.fromarray(array)
    if "A" not in image.getbands():
        return image.convert("RGB")
    y, x = np.mgrid[0 : image.height, 0 : image.width]
    board = Image.fromarray(np.where((x // 8 + y // 8) % 2, 255, 208).astype(np.uint8)).convert("RGBA")
    return Image.alpha_composite(board, image.convert("RGBA")).convert("RGB")


def _fitted(image: Image.Image, height: int) -> Image.Image:
    """At most this high; enlarged only by whole numbers."""
    if image.height > height:
        return image.resize((max(1, round(image.width * height / image.height)), height), Image.Resampling.LANCZOS)
    times = height // image.height
    return image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)


def _wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most this width, broken between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _text_width(longer, CAPTION) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _text_width(text: str, size: int) -> int:
    return int(ImageFont.load_default(size).getlength(text)) + 1
