"""What an image file says of itself, read from its own header without decoding it.

OpenCV has no header-only size check, and gives no orientation and no alpha convention away.
Formats: JPEG (ITU T.81), PNG, TIFF 6.0, WebP and BMP; EXIF orientation as in EXIF 2.3, 4.6.4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from hwr_edge.limits import HEADER_PARTS

if TYPE_CHECKING:
    from mmap import mmap

_SNIFF = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"BM": "BMP",
}
PILLOWS = frozenset({"AVIF", "GIF", "HEIC", "JPEG 2000"})
"""What Pillow reads, not OpenCV: not all of OpenCV's versions do."""
_PILLOWS = {
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"\0\0\0\x0cjP  ": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
}
_BRANDS = {b"avif": "AVIF", b"avis": "AVIF"} | dict.fromkeys(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "HEIC"
)
"""Of a file in ISO's base media format (ISO/IEC 14496-12): what it says that it is."""
SNIFF_BYTES = 12
"""How many bytes `kind_of` needs."""

Data: TypeAlias = "bytes | bytearray | mmap"
"""A whole file in memory, or on a disk."""

_TIFF_TYPES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q"}
_SUBFILE = 254
_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _ORIENTATION, _SAMPLES, _EXTRA = (
    256,
    257,
    258,
    262,
    274,
    277,
    338,
)


class Header(NamedTuple):
    """The declared facts of an image.

    width, height: pixels, before it is turned upright.
    orientation: EXIF's 1 to 8, still to be undone after decoding. 1 for TIFF: OpenCV undoes it.
    premultiplied: OpenCV gives the colours already multiplied by alpha.
    inverted: OpenCV gives 0 for white.
    clear: the grey level that stands for transparent, or None.
    pixel_bytes: of a pixel, as it is decoded, all channels of it.
    many_scans: a JPEG whose pixels may come in any number of scans, each of which goes over all of them.
    """

    kind: str
    width: int
    height: int
    orientation: int = 1
    premultiplied: bool = False
    inverted: bool = False
    clear: int | None = None
    pixel_bytes: int = 1
    many_scans: bool = False


def kind_of(head: bytes) -> str | None:
    """The format that the first `SNIFF_BYTES` bytes announce, or None."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12])
    marks = {**_SNIFF, **_PILLOWS}
    return next((kind for mark, kind in marks.items() if head.startswith(mark)), None)


def tiff_pages(data: Data, most: int = HEADER_PARTS) -> list[int]:
    """Where the directory of each page of a TIFF file stands.

    Raises:
        ValueError: the file is cut short, or its directories run in a circle or overlap.
    """
    try:
        order = {b"II": "<", b"MM": ">"}[bytes(data[:2])]
        (at,) = struct.unpack_from(order + "I", data, 4)
        starts: list[int] = []
        known: set[int] = set()
        entries = 0
        while at:
            if at in known:
                raise ValueError("the TIFF image is damaged: its list of pages has a loop")
            known.add(at)
            (count,) = struct.unpack_from(order + "H", data, at)
            entries += count
            if entries * 12 > len(data):
                raise ValueError("the TIFF image is damaged: its pages overlap")
            if not (starts and _ifd(data, at).get(_SUBFILE, 0) & 1):  # a smaller copy for a preview
                starts.append(at)
            if len(starts) > most or len(known) > HEADER_PARTS:
                raise ValueError(f"has more than {most:,} pages; split it, or raise --max-pages")
            (at,) = struct.unpack_from(order + "I", data, at + 2 + 12 * count)
    except (struct.error, IndexError, KeyError) as error:
        raise ValueError("the TIFF image is damaged or cut short") from error
    if not starts:
        raise ValueError("the TIFF image has no pages")
    return starts


def read_header(data: Data) -> Header:
    """Read the header of a whole file.

    Raises:
        ValueError: not one of the five formats, or the header is cut short or makes no sense.
    """
    kind = kind_of(bytes(data[:SNIFF_BYTES]))
    if kind is None or kind in PILLOWS:
        raise ValueError("not a JPEG, PNG, TIFF, WebP or BMP image")
    readers = {"JPEG": _jpeg, "PNG": _png, "TIFF": _tiff, "WebP": _webp, "BMP": _bmp}
    try:
        header = readers[kind](data)
    except (struct.error, LookupError, ArithmeticError) as error:
        raise ValueError(f"the {kind} image is damaged or cut short") from error
    if header.width < 1 or header.height < 1:
        raise ValueError(f"the {kind} header declares {header.width}x{header.height} pixels")
    return header


def _jpeg(data: Data) -> Header:
    at, orientation, size, components, many_scans = 2, 1, None, 1, False
    for _ in range(HEADER_PARTS):
        at = _skip_fill_bytes(data, at)
        mark, marker = data[at], data[at + 1]
        if mark != 0xFF or marker == 0xDA:  # no marker, or the start of the pixels
            many_scans = many_scans or data[at + 4] < components
            break
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:  # these stand alone
            at += 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if marker == 0xE1 and data[at + 4 : at + 10] == b"Exif\0\0":
            orientation = _exif_orientation(data[at + 10 : at + 2 + length])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            size = size or struct.unpack_from(">HH", data, at + 5)
            components = data[at + 9]
            many_scans = many_scans or marker not in (0xC0, 0xC1)
        at += 2 + length
    else:
        raise IndexError("too many segments")
    if size is None:
        raise IndexError("no frame header")
    return Header("JPEG", size[1], size[0], orientation, many_scans=many_scans)


def _skip_fill_bytes(data: Data, at: int) -> int:
    """The last of the bytes 255 that may stand before a marker."""
    while data[at + 1] == 0xFF:
        ahead = bytes(data[at + 1 : at + 65])
        at += len(ahead) - len(ahead.lstrip(b"\xff"))
    return at


def _png(data: Data) -> Header:
    width, height, bits, colour = struct.unpack_from(">IIBB", data, 16)
    if bits not in (1, 2, 4, 8, 16):
        raise IndexError(f"no PNG has {bits} bits")
    orientation, clear, count = 1, None, 0
    at, name = 8, b""
    while name != b"IEND":
        count += 1
        if count > HEADER_PARTS:
            raise IndexError("too many chunks")
        length, name = struct.unpack_from(">I4s", data, at)
        if at + 12 + length > len(data):  # the decoder would reserve memory for it all
            raise IndexError("a chunk is cut short")
        if name == b"eXIf":
            orientation = _exif_orientation(data[at + 8 : at + 8 + length])
        if name == b"tRNS" and colour == 0:
            (level,) = struct.unpack_from(">H", data, at + 8)
            clear = level if bits >= 8 else level * 255 // (2**bits - 1)
        at += 12 + length
    channels = {0: 1, 2: 3}.get(colour, 4)  # a palette may be transparent
    return Header(
        "PNG", width, height, orientation, clear=clear, pixel_bytes=channels * (1 + bits // 16)
    )


def _webp(data: Data) -> Header:
    size: tuple[int, int] | None = None
    orientation = 1
    for name, at, length in _riff_chunks(data):
        if name == b"VP8X" and size is None:
            size = _int24(data, at + 4) + 1, _int24(data, at + 7) + 1
        elif name == b"VP8L" and size is None:
            (packed,) = struct.unpack_from("<I", data, at + 1)
            size = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
        elif name == b"VP8 " and size is None:
            width, height = struct.unpack_from("<HH", data, at + 6)
            size = width & 0x3FFF, height & 0x3FFF
        elif name == b"EXIF":
            exif = data[at : at + length]
            orientation = _exif_orientation(bytes(exif).removeprefix(b"Exif\0\0"))
    if size is None:
        raise IndexError("no image chunk")
    return Header("WebP", *size, orientation, pixel_bytes=4)


def _riff_chunks(data: Data) -> Iterator[tuple[bytes, int, int]]:
    at = 12
    for _ in range(HEADER_PARTS):
        if at + 8 > len(data):
            return
        name, length = struct.unpack_from("<4sI", data, at)
        yield name, at + 8, length
        at += 8 + length + length % 2


def _int24(data: Data, at: int) -> int:
    return int.from_bytes(data[at : at + 3], "little")


def _bmp(data: Data) -> Header:
    (size,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if size == 12 else "<ii", data, 18)
    return Header("BMP", width, abs(height), pixel_bytes=4)


def _tiff(data: Data) -> Header:
    tags = _ifd(data)
    bits = tags.get(_BITS, 1)
    wide = bits > 8
    channels = max(1, tags.get(_SAMPLES, 1))
    if tags.get(_PHOTOMETRIC, 1) > 1:  # of a palette, too, OpenCV makes colours
        channels = max(3, channels)
    return Header(
        "TIFF",
        tags[_WIDTH],
        tags[_HEIGHT],
        # OpenCV multiplies 8-bit images itself, and leaves 16-bit ones as they are.
        premultiplied=not wide or tags.get(_EXTRA) == 1,
        inverted=wide and tags.get(_PHOTOMETRIC) == 0,
        pixel_bytes=channels * max(1, -(-bits // 8)),
    )


def _exif_orientation(exif: Data) -> int:
    """1 where the EXIF block is damaged: it must not cost the image."""
    try:
        orientation = _ifd(exif).get(_ORIENTATION, 1)
    except (struct.error, KeyError):
        return 1
    return orientation if 1 <= orientation <= 8 else 1


def _ifd(data: Data, start: int | None = None) -> dict[int, int]:
    """First value of each whole-number tag of an image file directory, the first by itself."""
    order = {b"II": "<", b"MM": ">"}[bytes(data[:2])]
    if start is None:
        (start,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, start)
    tags: dict[int, int] = {}
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, length = struct.unpack_from(order + "HHI", data, at)
        if kind not in _TIFF_TYPES or length == 0:
            continue
        code = _TIFF_TYPES[kind]
        where = at + 8
        if struct.calcsize(code) * length > 4:
            (where,) = struct.unpack_from(order + "I", data, where)
        (value,) = struct.unpack_from(order + code, data, where)
        tags.setdefault(tag, value)  # of two, decoders take the first
    return tags
