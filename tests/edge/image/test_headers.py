from __future__ import annotations

import struct
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hwr_edge.image.headers import PILLOWS, kind_of, read_header, tiff_pages
from images import bmp, chunk, encode, exif_block, png, tiff, with_exif

KINDS = {".jpg": "JPEG", ".png": "PNG", ".tif": "TIFF", ".webp": "WebP", ".bmp": "BMP"}


@pytest.mark.parametrize("suffix", KINDS)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_the_size_is_read_without_decoding(suffix: str, channels: int) -> None:
    if suffix == ".jpg" and channels == 4:
        channels = 3
    header = read_header(encode(suffix, np.full((37, 53, channels), 90, np.uint8)))
    assert (header.kind, header.width, header.height) == (KINDS[suffix], 53, 37)


def test_a_lossy_webp_gives_its_size() -> None:
    import cv2

    image = np.full((37, 53, 3), 90, np.uint8)
    done, data = cv2.imencode(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, 50])
    assert done
    assert data.tobytes()[12:16] == b"VP8 "
    header = read_header(data.tobytes())
    assert (header.width, header.height) == (53, 37)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_the_orientation_is_read(suffix: str) -> None:
    image = np.full((16, 24), 90, np.uint8)
    assert read_header(with_exif(suffix, image, 6)).orientation == 6
    assert read_header(with_exif(suffix, image, 99)).orientation == 1


def test_exif_of_either_byte_order_is_read() -> None:
    plain = encode(".jpg", np.full((16, 24), 90, np.uint8))
    for order in "<>":
        segment = b"Exif\0\0" + exif_block(8, order)
        data = plain[:2] + b"\xff\xe1" + (len(segment) + 2).to_bytes(2, "big") + segment + plain[2:]
        assert read_header(data).orientation == 8


def test_a_tiff_says_what_opencv_leaves_to_us() -> None:
    deep = read_header(tiff(b"\0" * 8, 1, 1, bits=16, samples=4, photometric=2, alpha=2))
    assert not deep.premultiplied
    assert read_header(tiff(b"\0\0", 1, 1, bits=16, photometric=0)).inverted
    assert read_header(tiff(b"\0", 1, 1, photometric=0)).inverted is False


def test_the_old_bmp_header_is_read() -> None:
    data = b"BM" + bytes(12) + (12).to_bytes(4, "little") + bytes([7, 0, 5, 0, 1, 0, 24, 0])
    assert (read_header(data).width, read_header(data).height) == (7, 5)
    assert read_header(bmp(b"", 7, -5, 24)).height == 5


@given(st.binary(max_size=200), st.sampled_from([*KINDS]))
@example(b"", ".jpg")
def test_rubbish_after_any_mark_is_a_value_error_or_a_header(rest: bytes, suffix: str) -> None:
    mark = encode(suffix, np.zeros((1, 1), np.uint8))[:12]
    try:
        header = read_header(mark + rest)
    except ValueError:
        return
    assert header.width >= 1
    assert header.height >= 1
    assert 1 <= header.orientation <= 8


@given(st.sampled_from([*KINDS]), st.data())
def test_a_header_with_any_wrong_bytes_is_a_value_error_or_a_header(
    suffix: str, data: st.DataObject
) -> None:
    whole = bytearray(with_exif(suffix, np.zeros((3, 5), np.uint8), 6) if suffix != ".bmp" else b"")
    whole = whole or bytearray(encode(".bmp", np.zeros((3, 5), np.uint8)))
    places = st.integers(0, len(whole) - 1)
    for at, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=6)):
        whole[at] = value
    whole = whole[: data.draw(st.integers(0, len(whole)))]
    for parse in (read_header, tiff_pages):
        with suppress(ValueError):
            parse(bytes(whole))


@pytest.mark.parametrize("bits", [0, 3, 7, 32, 255])
def test_a_png_of_no_possible_depth_is_damaged(bits: int) -> None:
    clear = chunk(b"tRNS", b"\0\7")
    with pytest.raises(ValueError, match="the PNG image is damaged"):
        read_header(png([b"\0"], 1, bits, 0, clear))


@given(st.binary(max_size=40))
def test_no_kind_is_made_up(head: bytes) -> None:
    assert kind_of(head) in {None, *KINDS.values(), *PILLOWS}
    assert kind_of(b"not " + head) is None


def test_a_jpeg_s_markers_without_a_length_hide_no_size() -> None:
    whole = encode(".jpg", np.zeros((30, 40), np.uint8))
    # Whose length would be the next marker, 65,504 bytes.
    header = read_header(whole[:2] + b"\xff\x01\xff\xd0" + whole[2:])
    assert (header.width, header.height) == (40, 30)


def test_of_two_sizes_in_a_tiff_the_first_counts() -> None:
    whole = encode(".tif", np.zeros((30, 40), np.uint8))
    order = "<" if whole[:2] == b"II" else ">"
    (at,) = struct.unpack_from(order + "I", whole, 4)
    (count,) = struct.unpack_from(order + "H", whole, at)
    entries = [whole[at + 2 + 12 * k : at + 14 + 12 * k] for k in range(count)]
    twice = struct.pack(order + "HHIHH", 256, 3, 1, 7, 0)  # another width
    directory = struct.pack(order + "H", count + 1) + b"".join([*entries, twice]) + b"\0" * 4
    moved = whole[:4] + struct.pack(order + "I", len(whole)) + whole[8:] + directory
    assert read_header(moved).width == 40


def test_directories_that_lie_on_each_other_are_no_pages() -> None:
    data = b"II*\0" + struct.pack("<I", 8) + b"\x64\x00" * 601 + struct.pack("<III", 12, 16, 0)
    with pytest.raises(ValueError, match="its pages overlap"):
        tiff_pages(data)


@pytest.mark.parametrize("kind", [8, 9, 13, 16, 17])
def test_a_width_of_any_whole_type_counts(kind: int) -> None:
    data = bytearray(tiff(b"\0" * 12, 4, 3))
    at = 10  # its first tag is the width
    assert struct.unpack_from("<H", data, at) == (256,)
    if kind in (16, 17):
        struct.pack_into("<HHII", data, at, 256, kind, 1, len(data))
        data += struct.pack("<q", 32_000)
    else:
        value = struct.pack({8: "<h", 9: "<i", 13: "<I"}[kind], 32_000).ljust(4, b"\0")
        struct.pack_into("<HHI4s", data, at, 256, kind, 1, value)
    assert read_header(bytes(data)).width == 32_000


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_a_header_of_endless_parts_is_damaged(suffix: str) -> None:
    whole = encode(suffix, np.zeros((3, 5), np.uint8))
    part = b"\xff\xfe\0\2" if suffix == ".jpg" else chunk(b"teXt", b"")
    start = 2 if suffix == ".jpg" else 33
    assert read_header(whole[:start] + part * 50 + whole[start:]).width == 5
    with pytest.raises(ValueError, match="damaged"):
        read_header(whole[:start] + part * 120_000 + whole[start:])


@pytest.mark.parametrize(
    ("pixels", "size"),
    [
        (np.zeros((3, 5), np.uint8), 1),
        (np.zeros((3, 5, 3), np.uint8), 3),
        (np.zeros((3, 5, 4), np.uint16), 8),
    ],
)
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_the_bytes_of_a_pixel_are_told(suffix: str, pixels: NDArray[Any], size: int) -> None:
    assert read_header(encode(suffix, pixels)).pixel_bytes == size
