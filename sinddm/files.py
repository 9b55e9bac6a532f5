"""Between picture files and arrays: PNG, JPEG, WebP, TIFF and OpenEXR, with depth, alpha and colour profile.

Files without a profile hold sRGB in integers and linear light in floats, as editors write them.
"""

import os
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import imagecodecs
import numpy as np
import tifffile
from PIL import Image, PngImagePlugin

from sinddm import exr, pixels, profiles
from sinddm.atomic import write_whole
from sinddm.errors import InputError

ORIENTATION = 274  # the Exif and TIFF tag that says how to turn the stored picture
TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
INTEGERS, FLOATS = ("uint8", "uint16"), ("float16", "float32")


@dataclass
class Picture:
    """A picture as it is in a file, and what is needed to write it, or another like it, in the same way."""

    array: np.ndarray  # (H, W) or (H, W, C): uint8, uint16, float16 or float32; alpha last, not premultiplied
    linear: bool = False  # whether colour is linear light rather than encoded
    icc: bytes | None = None  # the colour profile
    alpha: bool | None = None  # whether the last channel is alpha; None: it is with 2 and 4 channels
    names: tuple[str, ...] = ()  # OpenEXR's channel names, one for each channel of the array
    chromaticities: tuple[float, ...] | None = None  # OpenEXR's primaries and white: x, y of R, G, B, W

    @property
    def has_alpha(self) -> bool:
        """Whether the last channel is alpha."""
        return self.channels in (2, 4) if self.alpha is None else self.alpha

    @property
    def channels(self) -> int:
        """Channels of the array, alpha included."""
        return 1 if self.array.ndim == 2 else self.array.shape[2]

    @property
    def colors(self) -> int:
        """Channels of the array, alpha not counted."""
        return self.channels - self.has_alpha


def read(path: str | os.PathLike) -> Picture:
    """Read a picture file of any format that Pillow, tifffile or OpenEXR know, by its content, not its name.

    It stands as its orientation tag says. Palettes become RGB(A), other colour models RGB. Of a TIFF the
    first page is read, of an OpenEXR file the first part.
    Raises InputError where there is no such file, or it is no picture, incomplete, or of a kind not handled.
    """
    path = Path(path)
    with _reading(path) as (read_kind, _):
        return read_kind(path)


def size(path: str | os.PathLike) -> tuple[int, int]:
    """(height, width) of the picture that `read` would give, from the file's header alone."""
    path = Path(path)
    with _reading(path) as (_, size_kind):
        return size_kind(path)


def read_mask(path: str | os.PathLike) -> np.ndarray:
    """Read a picture as a mask: float32 (H, W) in [0, 1], its luminance (as stored) times its alpha."""
    picture = read(path)
    if picture.colors not in (1, 3):
        raise InputError(f"{path} has {picture.colors} channels and cannot be a mask: save the mask in gray.")
    values, alpha, _ = pixels.decode(picture.array, alpha=picture.has_alpha)
    gray = pixels.match_channels(values, 1)[..., 0] * 0.5 + 0.5
    return np.clip(gray if alpha is None else gray * alpha, 0, 1)


def from_pil(image: Image.Image) -> Picture:
    """A Pillow image as a Picture, as it is: an orientation tag is not applied, Pillow shows it that way too.

    Raises InputError for modes that have no fixed range (F, and I beyond 16 bits) or no known colour (LAB).
    """
    icc = image.info.get("icc_profile")
    try:
        image.load()
    except OSError as error:
        raise InputError("The picture is damaged or incomplete: save it again from where it came.") from error
    if image.mode == "CMYK":
        image, icc = profiles.rgb_from_cmyk(image, icc), None
    return _with_profile(Picture(_array_from_pil(image)), icc)


def write(path: str | os.PathLike, picture: Picture) -> None:
    """Write a picture in the format its suffix names: .png .jpg .jpeg .webp .tif .tiff .exr.

    The file appears complete or not at all. JPEG is written at quality 95, 4:4:4; WebP without loss. The
    profile is kept where the format can hold it and it fits the channels. Without a profile, integers are
    written as sRGB and floats as linear light, and converted where they are not.
    Raises InputError where the format cannot hold the picture's depth or channels (nothing is converted
    silently, 16 bits stay 16 bits), and where the file cannot be written.
    """
    path = Path(path)
    kind = _FORMATS.get(path.suffix.lower())
    if kind is None:
        raise InputError(f"{path} does not end like a known format: use one of {', '.join(_FORMATS)}.")
    _check_fit(path, kind, picture)
    picture = _ready_for_file(kind, picture)
    write_whole(path, lambda unfinished: kind.write(unfinished, picture))


@contextmanager
def _reading(path: Path) -> Iterator[tuple[Callable[[Path], Picture], Callable[[Path], tuple[int, int]]]]:
    """The functions that read a file's picture and its size; what goes wrong becomes one sentence."""
    if path.is_dir():
        raise InputError(f"{path} is a folder: give a picture file.")
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist: check the name and the folder.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be opened ({error.strerror}): check your rights to it.") from error
    try:
        with warnings.catch_warnings():
            # Pillow warns from 90 megapixels on and refuses from 179: the warning is for servers
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            if start in TIFF_STARTS:
                yield _read_tiff, _size_tiff
            elif start == b"v/1\x01":
                yield _read_exr, exr.size
            else:
                yield _read_pillow, _size_pillow
    except InputError:
        raise
    except MemoryError as error:
        raise InputError(f"{path} does not fit into memory: make it smaller.") from error
    except Image.DecompressionBombError as error:
        raise InputError(f"{path} is too large, more than 178 megapixels: make it smaller.") from error
    except Exception as error:  # decoders meet broken files with exceptions of every type
        raise InputError(
            f"{path} cannot be read as a picture: it is damaged, incomplete or not a picture, "
            "save it again as PNG, JPEG, WebP, TIFF or OpenEXR."
        ) from error


def _size_pillow(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return _turned_size(image.height, image.width, _orientation(image))


def _read_pillow(path: Path) -> Picture:
    with Image.open(path) as image:
        rawmode = image.tile[0].args if image.tile else None
        if image.format == "PNG" and isinstance(rawmode, str) and rawmode.endswith(";16B"):
            icc = image.info.get("icc_profile")  # Pillow has it, but keeps 8 of the 16 bits of colour
            picture = _with_profile(Picture(imagecodecs.png_decode(path.read_bytes())), icc)
        else:
            image.load()
            picture = from_pil(image)
        return replace(picture, array=_turn(picture.array, _orientation(image)))


def _orientation(image: Image.Image) -> int:
    """How to turn it, 1 is upright. Of a PNG only the header is asked: the rest means decoding."""
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    return image.getexif().get(ORIENTATION, 1)


def _turn(array: np.ndarray, orientation: int) -> np.ndarray:
    """Turn a stored picture upright (TIFF 6.0, tag Orientation: 1 to 8, anything else is upright)."""
    if orientation in (5, 6, 7, 8):
        array = array.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    return np.ascontiguousarray(array)


def _turned_size(height: int, width: int, orientation: int) -> tuple[int, int]:
    return (width, height) if orientation in (5, 6, 7, 8) else (height, width)


def _array_from_pil(image: Image.Image) -> np.ndarray:
    """The pixels as uint8 or uint16, (H, W) or (H, W, C)."""
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)
    if image.mode == "I":
        array = np.asarray(image)
        if array.min() < 0 or array.max() > 65535:
            raise InputError("The picture has integers of more than 16 bits: save it with 16 bits or as float.")
        return array.astype(np.uint16)
    if image.mode in ("F", "LAB"):
        raise InputError(f"The picture is in Pillow's mode {image.mode}: convert it to RGB, or pass an array.")
    gray = image.mode in ("1", "L", "LA", "La")
    has_alpha = image.has_transparency_data
    return np.array(image.convert(("LA" if has_alpha else "L") if gray else ("RGBA" if has_alpha else "RGB")))


def _size_tiff(path: Path) -> tuple[int, int]:
    with tifffile.TiffFile(path) as file:
        page = file.pages.first
        return _turned_size(page.imagelength, page.imagewidth, page.tags.valueof(ORIENTATION, 1))


def _read_tiff(path: Path) -> Picture:
    """TIFF 6.0, the first page; palettes, CMYK and packed bits go through Pillow."""
    with tifffile.TiffFile(path) as file:
        page = file.pages.first
        if page.photometric not in (0, 1, 2) or page.bitspersample < 8:
            return _read_pillow(path)
        array = page.asarray()
        if array.ndim > 3:
            raise InputError(f"{path} is a volume of {array.ndim} dimensions: save one layer of it.")
        if page.planarconfig == 2 and array.ndim == 3:
            array = np.moveaxis(array, 0, -1)
        if array.dtype == np.float64:
            array = array.astype(np.float32)
        if array.dtype.name not in INTEGERS + FLOATS:
            raise InputError(f"{path} has pixels of {array.dtype}: save it with 8 or 16 bits or as float.")
        if page.photometric == 0:  # min is white
            array = 1 - array if array.dtype.kind == "f" else np.iinfo(array.dtype.name).max - array
        extra = page.extrasamples[-1] if page.extrasamples else 0
        if extra == 1:
            array = pixels.unpremultiply(array)
        array = _turn(array, page.tags.valueof(ORIENTATION, 1)).astype(array.dtype.newbyteorder("="), copy=False)
        return _with_profile(Picture(array, alpha=extra in (1, 2)), page.iccprofile)


def _read_exr(path: Path) -> Picture:
    array, names, chromaticities = exr.read(path)
    has_alpha = len(names) > 1 and names[-1] == "A"
    array = pixels.unpremultiply(array) if has_alpha else array
    array = array[..., 0] if len(names) == 1 else array
    return Picture(array, linear=True, alpha=has_alpha, names=names, chromaticities=chromaticities)


def _with_profile(picture: Picture, icc: bytes | None) -> Picture:
    """The picture with its profile, where that fits; the profile also tells whether colour is linear."""
    icc = icc if icc and profiles.fits(icc, picture.colors) else None
    linear = profiles.is_linear(icc, picture.colors) if icc else picture.array.dtype.kind == "f"
    return replace(picture, icc=icc, linear=linear)


@dataclass(frozen=True)
class _Kind:
    """What a file format can hold, and the function that writes it."""

    name: str
    write: Callable[[Path, Picture], None]
    dtypes: tuple[str, ...]
    alpha: bool = True
    stacks: bool = False  # whether it holds other numbers of channels than gray and RGB
    linear: bool = False  # whether it is always linear
    longest: int = 2**31 - 1  # pixels of a side


def _check_fit(path: Path, kind: _Kind, picture: Picture) -> None:
    """Refuse what the format cannot hold, naming those that can."""
    dtype, shape = picture.array.dtype.name, picture.array.shape
    if dtype not in kind.dtypes:
        able = _names(other for other in _FORMATS.values() if dtype in other.dtypes)
        raise InputError(f"{kind.name} cannot hold {dtype} pixels: save {path.name} as {able}.")
    if not kind.stacks and picture.colors not in (1, 3):
        able = _names(other for other in _FORMATS.values() if dtype in other.dtypes and other.stacks)
        raise InputError(f"{kind.name} cannot hold {picture.colors} colour channels: save {path.name} as {able}.")
    if picture.has_alpha and not kind.alpha and not _is_opaque(picture.array):
        able = _names(other for other in _FORMATS.values() if dtype in other.dtypes and other.alpha)
        raise InputError(f"{kind.name} cannot hold transparency: save {path.name} as {able}.")
    if max(shape[:2]) > kind.longest:
        raise InputError(f"{kind.name} holds {kind.longest} pixels a side at most: save {path.name} as PNG or TIFF.")


def _names(kinds: Iterator[_Kind]) -> str:
    return " or ".join(dict.fromkeys(kind.name for kind in kinds))


def _is_opaque(array: np.ndarray) -> bool:
    return bool((array[..., -1] == np.iinfo(array.dtype).max).all())


def _ready_for_file(kind: _Kind, picture: Picture) -> Picture:
    """The picture in the encoding and with the profile that the file is to have."""
    icc = picture.icc if picture.icc and not kind.linear and profiles.fits(picture.icc, picture.colors) else None
    linear = picture.linear if icc else kind.linear or picture.array.dtype.kind == "f"
    array = picture.array
    if linear != picture.linear:
        values, alpha, format = pixels.decode(array, linear=picture.linear, alpha=picture.has_alpha)
        array = pixels.encode(values, alpha, replace(format, linear=linear))
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    return replace(picture, array=np.ascontiguousarray(array), icc=icc, linear=linear, alpha=picture.has_alpha)


def _write_png(path: Path, picture: Picture) -> None:
    if picture.array.dtype == np.uint8:
        Image.fromarray(picture.array).save(path, "PNG", icc_profile=picture.icc)
        return
    data = bytes(imagecodecs.png_encode(picture.array))
    with path.open("xb") as file:
        header = 8 + 25  # the signature and the IHDR chunk; libpng's binding cannot write the profile after them
        file.write(data[:header])
        if picture.icc:
            PngImagePlugin.putchunk(file, b"iCCP", b"ICC Profile\0\0", zlib.compress(picture.icc))
        file.write(data[header:])


def _write_jpeg(path: Path, picture: Picture) -> None:
    array = picture.array
    if picture.has_alpha:
        array = array[..., 0] if picture.colors == 1 else array[..., :-1]
    Image.fromarray(np.ascontiguousarray(array)).save(path, "JPEG", quality=95, subsampling=0, icc_profile=picture.icc)


def _write_webp(path: Path, picture: Picture) -> None:
    image, icc = Image.fromarray(picture.array), picture.icc
    if picture.colors == 1:  # WebP has no gray, and a profile of gray would be wrong on RGB
        image, icc = image.convert("RGBA" if picture.has_alpha else "RGB"), None
    image.save(path, "WEBP", lossless=True, exact=True, icc_profile=icc)


def _write_tiff(path: Path, picture: Picture) -> None:
    photometric, main = ("rgb", 3) if picture.colors >= 3 else ("minisblack", 1)
    extra = [0] * (picture.colors - main) + [2] * picture.has_alpha
    tifffile.imwrite(
        path,
        picture.array,
        photometric=photometric,
        planarconfig="contig" if picture.array.ndim == 3 else None,
        extrasamples=extra or None,
        compression="deflate",
        predictor=picture.array.dtype.kind == "u",
        iccprofile=picture.icc,
        metadata=None,
    )


def _write_exr(path: Path, picture: Picture) -> None:
    array = picture.array if picture.array.ndim == 3 else picture.array[..., None]
    names = picture.names if len(picture.names) == array.shape[2] else exr.names(picture.colors, picture.has_alpha)
    array = pixels.premultiply(array) if picture.has_alpha else array
    exr.write(path, array, names, picture.chromaticities)


_JPEG = _Kind("JPEG", _write_jpeg, ("uint8",), alpha=False, longest=65500)
_TIFF = _Kind("TIFF", _write_tiff, INTEGERS + FLOATS, stacks=True)
_FORMATS = {
    ".png": _Kind("PNG", _write_png, INTEGERS),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".webp": _Kind("WebP", _write_webp, ("uint8",), longest=16383),
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".exr": _Kind("OpenEXR", _write_exr, FLOATS, stacks=True, linear=True),
}
