"""Any image file to grey pixels, upright; refused before memory is spent on a huge one.

An image may have at most `limits.MOST_PIXELS`, in any shape: a strip of one line 30,000 pixels wide is
read like any other. Its pixels may take `Limits.memory`. What can cost a library far more than its header
says is decoded by another process (`sandbox.py`).
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import ImageError
from hwr_edge.image.headers import (
    PILLOWS,
    SNIFF_BYTES,
    Data,
    Header,
    kind_of,
    read_header,
)
from hwr_edge.image.pixels import PAPER, Grey
from hwr_edge.limits import IMAGE_BYTES, MOST_PIXELS, limits
from hwr_edge.native import quiet_in_command

PDF_MARK = b"%PDF-"
_SANDBOXED = PILLOWS | {"TIFF"}
_TURNS = {3: cv2.ROTATE_180, 6: cv2.ROTATE_90_CLOCKWISE, 8: cv2.ROTATE_90_COUNTERCLOCKWISE}


def read_grey(path: Path) -> Grey:
    """Read an image file: of several pages the first.

    JPEG, PNG, TIFF, WebP and BMP; with the extra `images` also HEIC, AVIF, GIF and JPEG 2000.

    Returns:
        uint8 (H, W), 0 black to 255 white, upright; transparent parts are white.

    Raises:
        ImageError: missing, empty, cut short, no image, or more than MOST_PIXELS.
    """
    try:
        with path.open("rb") as file:
            data = read_bytes(file.read(SNIFF_BYTES), file, str(path))
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        why = getattr(error, "strerror", None) or error
        raise ImageError(f"{path}: cannot be read ({why})") from error
    return decode_grey(data, str(path))


def read_bytes(head: bytes, file: BinaryIO, name: str) -> bytes:
    """All bytes of an image file; what is no image is refused by its first `SNIFF_BYTES`, `head`.

    Raises:
        ImageError: empty, no image, or larger than any image allowed.
    """
    _check_kind(head, name)
    return all_bytes(head, file, name)


def read_stream(file: Any, name: str) -> bytes:
    """All bytes of a binary file object from where it stands; `name` is what errors call it.

    Raises:
        ImageError: it cannot be read, gives text, or is larger than any image allowed.
    """
    try:
        data = file.read(IMAGE_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: it is closed
        why = getattr(error, "strerror", None) or error
        raise ImageError(f"{name}: cannot be read ({why})") from error
    if isinstance(data, str):
        raise ImageError(f"{name}: is open as text; open it with mode 'rb'")
    return all_bytes(bytes(data), io.BytesIO(), name)


def all_bytes(head: bytes, file: BinaryIO, name: str) -> bytes:
    """All bytes of a file whose first ones, `head`, were read.

    Raises:
        ImageError: it is larger than any image allowed.
    """
    data = head + file.read(IMAGE_BYTES)
    if len(data) > IMAGE_BYTES:
        raise ImageError(f"{name}: the file is larger than {IMAGE_BYTES >> 20} MiB")
    return data


def decode_grey(data: Data, name: str) -> Grey:
    """Decode the bytes of an image file; `name` is what errors call it.

    Returns:
        uint8 (H, W), 0 black to 255 white, upright; transparent parts are white.

    Raises:
        ImageError: as `read_grey`.
        MemoryError: there is not enough for an image of this size.
    """
    _check_kind(data[:SNIFF_BYTES], name)
    header = None
    if kind_of(bytes(data[:SNIFF_BYTES])) not in _SANDBOXED:
        header = _checked_header(data, name)
    if header is None or header.many_scans:
        from hwr_edge.image.sandbox import Source, decode  # for these alone

        return decode(Source.of_bytes(bytes(data)), name)
    return _decode_by(header, data, name)


def decode_here(data: Data, name: str) -> Grey:
    """The same of any kind, in this process, whatever that costs: `sandbox.py` bounds it."""
    kind = kind_of(bytes(data[:SNIFF_BYTES]))
    if kind in PILLOWS:
        from hwr_edge.image.pillow import decode

        return to_grey(decode(bytes(data), str(kind), name))
    return _decode_by(_checked_header(data, name), data, name)


def _checked_header(data: Data, name: str) -> Header:
    try:
        header = read_header(data)
    except ValueError as error:
        raise ImageError(f"{name}: {error}") from error
    check_size(header.width, header.height, name, header.pixel_bytes)
    return header


def _decode_by(header: Header, data: Data, name: str) -> Grey:
    pixels = _decode(data, header)
    if pixels is None:
        raise ImageError(f"{name}: the {header.kind} image is damaged or cut short")
    try:
        return _upright(_by_header(pixels, header), header.orientation)
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error


def check_size(width: int, height: int, name: str, pixel_bytes: int = 4) -> None:
    """Raise ImageError where an image declares more pixels, or bytes of them, than are read."""
    if width * height > MOST_PIXELS:
        raise ImageError(
            f"{name}: {width}x{height} pixels, but at most "
            f"{MOST_PIXELS // 1_000_000} million are allowed; scale the image down"
        )
    needed, most = width * height * pixel_bytes, limits()
    if needed > most.memory_bytes:
        raise ImageError(
            f"{name}: {width}x{height} pixels of {pixel_bytes} bytes take {needed >> 20} MiB, but at "
            f"most {most.memory} are allowed; save it in grey with 8 bits, scale it down, or raise "
            "--max-memory"
        )


def to_grey(pixels: NDArray[Any], premultiplied: bool = False) -> Grey:
    """Grey of pixels in memory; alpha is laid on white, 16 bits are scaled to 8.

    Args:
        pixels: uint8 or uint16, (H, W), (H, W, 1), (H, W, 3) BGR or (H, W, 4) BGRA.
        premultiplied: the colours are already multiplied by alpha.

    Returns:
        uint8 (H, W), 0 black to 255 white; the argument itself where it is that already.

    Raises:
        ImageError: another type or shape.
    """
    known = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (1, 3, 4))
    if not known or pixels.size == 0 or pixels.dtype not in (np.uint8, np.uint16):
        raise ImageError(
            f"pixels of type {pixels.dtype} {pixels.shape} are not supported; save it with 8 bits"
        )
    if pixels.dtype == np.uint16:
        pixels = cv2.convertScaleAbs(pixels, alpha=1 / 257)
    if pixels.ndim == 2:
        return np.asarray(pixels, np.uint8)
    if pixels.shape[2] == 1:
        return np.asarray(pixels[:, :, 0], np.uint8)
    code = cv2.COLOR_BGR2GRAY if pixels.shape[2] == 3 else cv2.COLOR_BGRA2GRAY
    grey = np.asarray(cv2.cvtColor(pixels, code), np.uint8)
    return grey if pixels.shape[2] == 3 else _on_white(grey, pixels[:, :, 3], premultiplied)


def _on_white(grey: Grey, alpha: Grey, premultiplied: bool) -> Grey:
    if premultiplied:
        return np.asarray(cv2.add(grey, 255 - alpha), np.uint8)
    return np.asarray(255 - cv2.multiply(255 - grey, alpha, scale=1 / 255), np.uint8)


def _check_kind(head: Data, name: str) -> None:
    if not head:
        raise ImageError(f"{name}: the file is empty")
    if bytes(head[:5]) == PDF_MARK:
        raise ImageError(f"{name}: a PDF, but an image is needed; save its page as an image")
    if kind_of(bytes(head[:SNIFF_BYTES])) is None:
        raise ImageError(
            f"{name}: not a JPEG, PNG, TIFF, WebP or BMP image, or PDF; convert it to one of these"
        )


def _decode(data: Data, header: Header) -> NDArray[Any] | None:
    """The file's own channels, not turned; None where OpenCV finds a fault."""
    grey_only = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION  # JPEG has no alpha
    flags = grey_only if header.kind == "JPEG" else cv2.IMREAD_UNCHANGED
    with quiet_in_command():
        try:
            return cv2.imdecode(np.frombuffer(data, np.uint8), flags)
        except cv2.error as error:
            if error.code == cv2.Error.StsNoMem:
                raise MemoryError from error
            return None


def _by_header(pixels: NDArray[Any], header: Header) -> Grey:
    grey = to_grey(pixels, header.premultiplied)
    if header.clear is not None and pixels.ndim == 2:
        grey = np.where(pixels == header.clear, np.uint8(PAPER), grey)
    return np.asarray(255 - grey, np.uint8) if header.inverted else grey


def _upright(grey: Grey, orientation: int) -> Grey:
    """Undo an EXIF orientation: 1 to 8, of which the even up to 4 and 5, 7 are mirrored."""
    if orientation in (2, 4):
        grey = np.asarray(cv2.flip(grey, 1 if orientation == 2 else 0), np.uint8)
    elif orientation in (5, 7):
        grey = np.asarray(cv2.transpose(grey), np.uint8)
        grey = np.asarray(cv2.rotate(grey, cv2.ROTATE_180), np.uint8) if orientation == 7 else grey
    elif orientation in _TURNS:
        grey = np.asarray(cv2.rotate(grey, _TURNS[orientation]), np.uint8)
    return grey
