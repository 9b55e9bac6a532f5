"""Between arrays, the client's pictures and Qt's images."""

from __future__ import annotations

from typing import cast

import numpy as np
from sinddm_plugin.client import Picture
from sinddm_ui.desktop.form import Form, raw, with_four_channels
from sinddm_ui.qt import QImage


def premultiplied(array: np.ndarray) -> QImage:
    """(H, W, 4) of premultiplied bytes as an image, without a copy: the array must live as long."""
    height, width = array.shape[:2]
    return QImage(_bytes(array), width, height, array.strides[0], QImage.Format.Format_RGBA8888_Premultiplied)


def _bytes(array: np.ndarray) -> bytes:
    """Its memory. PyQt6 takes any buffer, but says bytes."""
    return cast(bytes, array.data)


def straight(array: np.ndarray) -> QImage:
    """(H, W, 4) of bytes with straight alpha as an image of its own."""
    array = np.ascontiguousarray(array)
    height, width = array.shape[:2]
    return QImage(_bytes(array), width, height, width * 4, QImage.Format.Format_RGBA8888).copy()


def of_picture(picture: Picture) -> QImage:
    """A picture of 8 bits as an image."""
    return straight(with_four_channels(raw(picture)))


def deep(array: np.ndarray, form: Form) -> QImage:
    """Pixels of a form as an image of as many bits as it takes, at most 16."""
    if form.dtype == np.uint8 and not form.linear:
        return straight(array)
    array = np.ascontiguousarray(Form(np.dtype(np.uint16)).fit(array, linear=form.linear))
    height, width = array.shape[:2]
    return QImage(_bytes(array), width, height, width * 8, QImage.Format.Format_RGBA64).copy()


def array_of(image: QImage) -> np.ndarray:
    """An image as (H, W, 4) of uint8, or of uint16 where it has more."""
    many = image.depth() > 32
    wanted = QImage.Format.Format_RGBA64 if many else QImage.Format.Format_RGBA8888
    image = image.convertToFormat(wanted)
    dtype = np.dtype(np.uint16 if many else np.uint8)
    bits = image.constBits()
    assert bits is not None
    bits.setsize(image.sizeInBytes())
    rows = np.frombuffer(cast(bytes, bits), dtype).reshape(image.height(), image.bytesPerLine() // dtype.itemsize)
    return rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4).copy()
