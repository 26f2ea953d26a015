"""Image files made byte by byte: what OpenCV's own writers cannot make.

PNG with every colour type, TIFF with every tag, BMP with palettes, and EXIF in JPEG, PNG, WebP.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

PNG_MARK = b"\x89PNG\r\n\x1a\n"


def encode(suffix: str, pixels: NDArray[Any]) -> bytes:
    """A file as OpenCV writes it; JPEG at full quality, WebP without loss."""
    options = {".jpg": [cv2.IMWRITE_JPEG_QUALITY, 100], ".webp": [cv2.IMWRITE_WEBP_QUALITY, 101]}
    done, data = cv2.imencode(suffix, pixels, options.get(suffix, []))
    assert done
    return data.tobytes()


def turned(upright: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """The stored pixels which, with that EXIF orientation, show `upright`."""
    back = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }
    return np.ascontiguousarray(back[orientation])


def with_exif(suffix: str, pixels: NDArray[np.uint8], orientation: int) -> bytes:
    """A JPEG, PNG, WebP or TIFF file that carries an orientation."""
    if suffix == ".tif":
        height, width = pixels.shape
        return tiff(pixels.tobytes(), width, height, orientation=orientation)
    plain, exif = encode(suffix, pixels), exif_block(orientation)
    if suffix == ".jpg":
        segment = b"Exif\0\0" + exif
        return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + plain[2:]
    if suffix == ".png":
        return plain[:33] + chunk(b"eXIf", exif) + plain[33:]
    assert suffix == ".webp"
    height, width = pixels.shape
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    exif += b"\0" * (len(exif) % 2)
    body = riff(b"VP8X", b"\x08\0\0\0" + size) + plain[12:] + riff(b"EXIF", exif)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def exif_block(orientation: int, order: str = ">") -> bytes:
    """EXIF that holds the orientation alone."""
    mark = b"MM\0*" if order == ">" else b"II*\0"
    return mark + struct.pack(order + "IHHHIHHI", 8, 1, 274, 3, 1, orientation, 0, 0)


def chunk(name: bytes, data: bytes) -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def riff(name: bytes, data: bytes) -> bytes:
    """A RIFF chunk of even length."""
    return name + struct.pack("<I", len(data)) + data


def png(rows: list[bytes], width: int, bits: int, colour: int, *extra: bytes) -> bytes:
    """A PNG file; `colour`: 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGB + alpha."""
    header = struct.pack(">IIBBBBB", width, len(rows), bits, colour, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    middle = b"".join(extra)
    return PNG_MARK + chunk(b"IHDR", header) + middle + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def bmp(pixels: bytes, width: int, height: int, bits: int, palette: bytes = b"") -> bytes:
    """A BMP file without compression; rows from the bottom, each padded to 4 bytes."""
    start = 54 + len(palette)
    info = (40, width, height, 1, bits, 0, len(pixels), 2835, 2835, len(palette) // 4, 0)
    head = b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start)
    return head + struct.pack("<IiiHHIIiiII", *info) + palette + pixels


def tiff(
    pixels: bytes,
    width: int,
    height: int,
    *,
    bits: int = 8,
    samples: int = 1,
    photometric: int = 1,
    orientation: int = 1,
    alpha: int | None = None,
    order: str = "<",
) -> bytes:
    """A TIFF file of one strip without compression, its directory in front of the pixels.

    photometric: 0 white is zero, 1 black is zero, 2 RGB; alpha: 1 premultiplied, 2 not.
    """
    tags: dict[int, tuple[str, list[int]]] = {
        256: ("I", [width]),
        257: ("I", [height]),
        258: ("H", [bits] * samples),
        259: ("H", [1]),
        262: ("H", [photometric]),
        273: ("I", [0]),
        274: ("H", [orientation]),
        277: ("H", [samples]),
        278: ("I", [height]),
        279: ("I", [len(pixels)]),
    }
    if alpha is not None:
        tags[338] = ("H", [alpha])
    directory_end = 8 + 2 + 12 * len(tags) + 4
    long_values = struct.pack(f"{order}{samples}H", *[bits] * samples) if samples > 2 else b""
    tags[273] = ("I", [directory_end + len(long_values)])
    out = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(tags))
    for tag, (code, values) in sorted(tags.items()):
        kind = {"H": 3, "I": 4}[code]
        data = struct.pack(f"{order}{len(values)}{code}", *values)
        where = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack(order + "I", directory_end)
        out += struct.pack(order + "HHI", tag, kind, len(values)) + where
    return out + b"\0\0\0\0" + long_values + pixels
