"""Questions to ICC colour profiles, answered by LittleCMS."""

import io
from contextlib import suppress

import numpy as np
from PIL import Image, ImageCms


def fits(icc: bytes, colors: int) -> bool:
    """Whether the profile can be read and is one of gray for one colour channel, of RGB for three."""
    try:
        space = ImageCms.core.profile_frombytes(icc).xcolor_space.strip()
    except (OSError, ImageCms.PyCMSError):
        return False
    return space == {1: "GRAY", 3: "RGB"}.get(colors)


def is_linear(icc: bytes, colors: int) -> bool:
    """Whether a profile that fits means linear light.

    It does if its middle value is shown as bright as linear light is: 188 of 255 in sRGB. Other profiles in
    use give 119 (L*) to 146 (gamma 1.8).
    """
    middle = Image.new("L" if colors == 1 else "RGB", (1, 1), 128 if colors == 1 else (128, 128, 128))
    try:
        shown = _to_srgb(middle, icc)
    except (OSError, ImageCms.PyCMSError):
        return False
    return float(np.mean(np.asarray(shown))) > 167


def rgb_from_cmyk(image: Image.Image, icc: bytes | None) -> Image.Image:
    """sRGB by the profile, or by Pillow's plain formula where there is none that works."""
    if icc:
        with suppress(OSError, ImageCms.PyCMSError):
            return _to_srgb(image, icc)
    return image.convert("RGB")


def _to_srgb(image: Image.Image, icc: bytes) -> Image.Image:
    profile = ImageCms.getOpenProfile(io.BytesIO(icc))
    converted = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert converted is not None  # it is only when converting in place
    return converted
