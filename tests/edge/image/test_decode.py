from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from hwr_edge import native
from hwr_edge.errors import ImageError
from hwr_edge.image.decode import decode_grey, read_grey, to_grey
from images import PNG_MARK, bmp, chunk, encode, png, riff, tiff, turned, with_exif

SUFFIXES = [".jpg", ".png", ".tif", ".webp", ".bmp"]


@pytest.fixture
def in_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """What libraries print is kept away in the command alone."""
    monkeypatch.setattr(native, "_command", True)


def scene() -> NDArray[np.uint8]:
    """uint8 (24, 40) without any symmetry, in blocks of 8 that JPEG keeps."""
    blocks = np.array([[0, 60, 120, 180, 240], [250, 200, 150, 90, 30], [10, 250, 10, 130, 70]])
    return np.kron(blocks, np.ones((8, 8))).astype(np.uint8)


def coloured(grey: NDArray[Any]) -> NDArray[Any]:
    return np.dstack([grey, grey, grey])


def same(found: NDArray[np.uint8], wanted: NDArray[np.uint8], by: int = 2) -> None:
    assert found.dtype == np.uint8
    assert found.shape == wanted.shape
    assert int(np.abs(found.astype(int) - wanted.astype(int)).max()) <= by


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_grey_files_of_every_format_are_read(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"scene{suffix}"
    path.write_bytes(encode(suffix, scene()))
    same(read_grey(path), scene())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_colour_files_of_every_format_are_read(suffix: str) -> None:
    same(decode_grey(encode(suffix, coloured(scene())), "x"), scene())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_colours_count_as_the_eye_sees_them(suffix: str) -> None:
    green = np.zeros((16, 16, 3), np.uint8)
    green[:, :, 1] = 200
    same(decode_grey(encode(suffix, green), "x"), np.full((16, 16), 117, np.uint8), by=3)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_are_scaled_to_eight(suffix: str, channels: int) -> None:
    deep = scene().astype(np.uint16) * 257
    data = encode(suffix, deep if channels == 1 else coloured(deep))
    same(decode_grey(data, "x"), scene())


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
def test_what_is_transparent_is_white_whatever_colour_lies_under_it(suffix: str) -> None:
    alpha = np.where(np.arange(40) < 20, 255, 0).astype(np.uint8)
    data = encode(suffix, np.dstack([coloured(scene()), np.broadcast_to(alpha, (24, 40))]))
    wanted = scene()
    wanted[:, 20:] = 255
    if suffix == ".tif":  # OpenCV writes no alpha tag; the reader takes it for premultiplied
        data = tiff(_rgba(scene(), alpha), 40, 24, samples=4, photometric=2, alpha=2)
    same(decode_grey(data, "x"), wanted)


def _rgba(grey: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> bytes:
    return np.dstack([coloured(grey), np.broadcast_to(alpha, grey.shape)]).tobytes()


def test_half_transparent_ink_is_half_grey() -> None:
    for bits, top in ((8, 255), (16, 65535)):
        ink = np.zeros((4, 4, 4), np.uint8 if bits == 8 else np.uint16)
        ink[:, :, 3] = top // 2
        same(decode_grey(encode(".png", ink), "x"), np.full((4, 4), 128, np.uint8))


@pytest.mark.parametrize(("alpha", "stored"), [(1, 50), (2, 100)])
def test_tiff_alpha_is_laid_on_white_premultiplied_or_not(alpha: int, stored: int) -> None:
    data = tiff(bytes([stored] * 3 + [128]), 1, 1, samples=4, photometric=2, alpha=alpha)
    same(decode_grey(data, "x"), np.array([[177]], np.uint8))


def test_sixteen_bit_tiff_alpha_is_laid_on_white() -> None:
    pixel = struct.pack("<4H", *[100 * 257] * 3, 128 * 257)
    data = tiff(pixel, 1, 1, bits=16, samples=4, photometric=2, alpha=2)
    same(decode_grey(data, "x"), np.array([[177]], np.uint8))


PALETTE = bytes([0, 0, 0, 255, 255, 255, 100, 100, 100])


def test_palette_pngs_are_read_with_and_without_transparency() -> None:
    rows, colours = [bytes([0, 1, 2])], chunk(b"PLTE", PALETTE)
    same(decode_grey(png(rows, 3, 8, 3, colours), "x"), np.array([[0, 255, 100]], np.uint8), 0)
    clear = chunk(b"tRNS", bytes([0, 255, 128]))
    found = decode_grey(png(rows, 3, 8, 3, colours, clear), "x")
    same(found, np.array([[255, 255, 177]], np.uint8))


@pytest.mark.parametrize(
    ("bits", "row", "grey"),
    [(1, b"\x40", [0, 255, 0]), (2, b"\x1b", [0, 85, 170]), (4, b"\x0f\x30", [0, 255, 51])],
)
def test_pngs_of_few_bits_are_read(bits: int, row: bytes, grey: list[int]) -> None:
    same(decode_grey(png([row], 3, bits, 0), "x"), np.array([grey], np.uint8), 0)


@pytest.mark.parametrize(
    ("bits", "row", "level"),
    [(8, bytes([7, 0, 200]), 7), (2, b"\x1b", 0), (16, b"\0\7\0\0\xc8\xc8", 7)],
)
def test_a_grey_level_that_stands_for_transparent_is_white(
    bits: int, row: bytes, level: int
) -> None:
    data = png([row], 3, bits, 0, chunk(b"tRNS", struct.pack(">H", level)))
    opaque = decode_grey(png([row], 3, bits, 0), "x")
    found = decode_grey(data, "x")
    assert found[0, 0] == 255
    np.testing.assert_array_equal(found[0, 1:], opaque[0, 1:])


def test_grey_with_alpha_is_laid_on_white() -> None:
    data = png([bytes([10, 255, 10, 0])], 2, 8, 4)
    same(decode_grey(data, "x"), np.array([[10, 255]], np.uint8), 0)


def test_palette_bmps_are_read() -> None:
    colours = bytes([0, 0, 0, 0, 255, 255, 255, 0, 100, 100, 100, 0])
    same(
        decode_grey(bmp(bytes([0, 1, 2, 0]), 3, 1, 8, colours), "x"),
        np.array([[0, 255, 100]], np.uint8),
        0,
    )


def test_bmps_from_the_top_and_with_an_unused_fourth_byte_are_read() -> None:
    pixels = bytes([9, 9, 9, 0]) * 2 + bytes([80, 80, 80, 0]) * 2
    same(decode_grey(bmp(pixels, 2, -2, 32), "x"), np.array([[9, 9], [80, 80]], np.uint8), 0)


@pytest.mark.parametrize("order", ["<", ">"])
def test_tiffs_of_either_byte_order_are_read(order: str) -> None:
    same(decode_grey(tiff(scene().tobytes(), 40, 24, order=order), "x"), scene(), 0)


def test_tiffs_where_white_is_zero_are_turned_over() -> None:
    eight = tiff((255 - scene()).tobytes(), 40, 24, photometric=0)
    same(decode_grey(eight, "x"), scene(), 0)
    deep = ((255 - scene()).astype("<u2") * 257).tobytes()
    same(decode_grey(tiff(deep, 40, 24, bits=16, photometric=0), "x"), scene())
    one = tiff(b"\x40", 3, 1, bits=1, photometric=0)
    same(decode_grey(one, "x"), np.array([[255, 0, 255]], np.uint8), 0)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
def test_every_exif_orientation_is_undone(suffix: str, orientation: int) -> None:
    data = with_exif(suffix, turned(scene(), orientation), orientation)
    same(decode_grey(data, "x"), scene(), by=3)


def test_a_damaged_exif_block_does_not_cost_the_image() -> None:
    plain = encode(".jpg", scene())
    for exif in (b"", b"MM", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff", b"rubbish" * 9):
        segment = b"Exif\0\0" + exif
        data = plain[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + plain[2:]
        same(decode_grey(data, "x"), scene())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_single_pixel_is_an_image(suffix: str) -> None:
    assert decode_grey(encode(suffix, np.full((1, 1), 200, np.uint8)), "x").shape == (1, 1)


def test_a_strip_of_thirty_thousand_pixels_is_read() -> None:
    strip = np.full((40, 30_000), 255, np.uint8)
    for suffix in (".png", ".jpg"):
        assert decode_grey(encode(suffix, strip), "x").shape == (40, 30_000)


@pytest.mark.usefixtures("in_command")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_cut_short_is_an_error_and_never_half_an_image(suffix: str, capfd: Any) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (24, 40), np.uint8)
    whole = encode(suffix, coloured(noise))
    for length in range(1, len(whole), max(1, len(whole) // 40)):
        with pytest.raises(ImageError, match=r"^cut\.x: [^\n]+$"):
            decode_grey(whole[:length], "cut.x")
    with pytest.raises(ImageError):
        decode_grey(whole[:-1], "cut.x")
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("in_command")
def test_a_tiff_whose_pixels_are_cut_short_is_an_error(capfd: Any) -> None:
    data = tiff(scene().tobytes(), 40, 24)
    with pytest.raises(ImageError, match="damaged or cut short"):
        decode_grey(data[:-1], "x")
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("in_command")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_damaged_file_ends_in_anything_but_an_image_error(suffix: str, capfd: Any) -> None:
    rng = np.random.default_rng(1)
    whole = encode(suffix, scene())
    for _ in range(60):
        data = bytearray(whole)
        for at in rng.integers(0, len(data), 4):
            data[at] = rng.integers(256)
        with suppress(ImageError):
            decode_grey(bytes(data), "x")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("content", [b"hello", b"8BPS", b"\0" * 100, b"RIFF1234WAVE"])
def test_what_is_no_image_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.jpg"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=r"notes\.jpg: not a JPEG, PNG, TIFF, WebP or BMP image"):
        read_grey(path)


def test_a_pdf_where_an_image_is_needed_is_named(tmp_path: Path) -> None:
    path = tmp_path / "names.pdf"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(ImageError, match=r"names\.pdf: a PDF, but an image is needed"):
        read_grey(path)


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.png"
    path.touch()
    with pytest.raises(ImageError, match=r"empty\.png: the file is empty"):
        read_grey(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"none\.png: cannot be read \(No such file"):
        read_grey(tmp_path / "none.png")
    with pytest.raises(ImageError, match=r"cannot be read \(Is a directory"):
        read_grey(tmp_path)


def test_an_endless_file_that_is_no_image_is_refused_at_once() -> None:
    with pytest.raises(ImageError, match="not a JPEG"):
        read_grey(Path("/dev/zero"))


def huge_files() -> list[bytes]:
    size = struct.pack(">II", 100_000, 100_000)
    jpeg = encode(".jpg", scene())
    at = jpeg.index(b"\xff\xc0")
    side = (16383 - 1).to_bytes(3, "little")
    return [
        PNG_MARK
        + chunk(b"IHDR", size + b"\x08\0\0\0\0")
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b""),
        jpeg[: at + 5] + b"\xff\xff\xff\xff" + jpeg[at + 9 :],
        tiff(b"", 100_000, 100_000),
        tiff(b"", 2**32 - 1, 2**32 - 1, order=">"),
        bmp(b"", 2**31 - 1, -(2**31 - 1), 24),
        b"RIFF\x16\0\0\0WEBP" + riff(b"VP8X", b"\0\0\0\0" + side + side),
    ]


@pytest.mark.parametrize(
    "data", huge_files(), ids=["png", "jpeg", "tiff", "big-endian tiff", "bmp", "webp"]
)
def test_billions_of_pixels_are_refused_before_anything_is_decoded(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("was decoded"))
    with pytest.raises(ImageError, match="pixels, but at most 100 million are allowed"):
        decode_grey(data, "x")


def test_a_chunk_that_is_longer_than_the_file_is_refused_before_anything_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("was decoded"))
    data = bytearray(encode(".png", scene()))
    data[33] = 0x7F  # the length of the chunk after the header: 2 GB
    with pytest.raises(ImageError, match="damaged or cut short"):
        decode_grey(bytes(data), "x")


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (-3, 5)])
def test_an_image_without_pixels_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ImageError, match="declares"):
        decode_grey(bmp(b"", *size, 24), "x")


def test_pixels_in_memory_become_grey() -> None:
    same(to_grey(scene()), scene(), 0)
    same(to_grey(scene()[:, :, None]), scene(), 0)
    same(to_grey(coloured(scene())), scene(), 1)
    same(to_grey(scene().astype(np.uint16) * 257), scene(), 0)
    clear = np.dstack([coloured(scene()), np.zeros((24, 40), np.uint8)])
    same(to_grey(clear), np.full((24, 40), 255, np.uint8), 0)


def test_grey_pixels_in_memory_are_not_copied() -> None:
    image = scene()
    assert to_grey(image) is image


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((2, 2)),
        np.zeros((2, 2, 2), np.uint8),
        np.zeros((0, 2), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((2, 2), bool),
    ],
)
def test_pixels_of_another_kind_are_refused(wrong: NDArray[Any]) -> None:
    with pytest.raises(ImageError, match="not supported"):
        to_grey(wrong)


def test_a_float_tiff_is_refused_by_name() -> None:
    done, data = cv2.imencode(".tif", scene().astype(np.float32))
    assert done
    with pytest.raises(ImageError, match=r"f\.tif: pixels of type float32"):
        decode_grey(data.tobytes(), "f.tif")
