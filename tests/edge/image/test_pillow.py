"""Files that Pillow reads: the photographs of phones, and old and rare formats."""

from __future__ import annotations

import io
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from commands import run
from fakes import draw
from hwr_edge.errors import ImageError
from hwr_edge.image.decode import decode_grey, decode_here, read_grey
from hwr_edge.image.headers import kind_of
from hwr_edge.image.pixels import Grey
from images import exif_block

Image: Any = pytest.importorskip("PIL.Image")
pillow_heif: Any = pytest.importorskip("pillow_heif")

KINDS = {"GIF": "GIF", "AVIF": "AVIF", "HEIF": "HEIC", "JPEG2000": "JPEG 2000"}


def scene() -> Grey:
    """uint8 (96, 160) in large blocks without any symmetry, which every format keeps."""
    blocks = np.array([[0, 60, 120, 180, 240], [250, 200, 150, 90, 30], [10, 250, 10, 130, 70]])
    return np.kron(blocks, np.ones((32, 32))).astype(np.uint8)


def encoded(kind: str, pixels: Any = None, **options: Any) -> bytes:
    """A file as Pillow writes it, without loss where it can."""
    pillow_heif.register_heif_opener()
    if kind == "HEIF" and pillow_heif.libheif_info()["HEIF"] == "":
        pytest.skip("this pillow-heif has no encoder")
    file = io.BytesIO()
    image = Image.fromarray(scene() if pixels is None else pixels)
    quality = {"quality": 100} if kind in ("AVIF", "HEIF") else {}
    image.save(file, kind, **quality, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_files_of_every_kind_are_read(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "photo"
    path.write_bytes(encoded(kind))
    assert kind_of(path.read_bytes()[:12]) == KINDS[kind]
    found = read_grey(path)
    assert found.dtype == np.uint8
    assert found.shape == scene().shape
    inner = np.zeros((96, 160), bool)
    inner[8::32, 8::32] = inner[24::32, 24::32] = True
    assert int(np.abs(found.astype(int) - scene())[inner].max()) <= 3


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
@pytest.mark.parametrize(("orientation", "turns"), [(6, 3), (3, 2), (8, 1)])
def test_photographs_of_phones_are_turned_upright(kind: str, orientation: int, turns: int) -> None:
    stored = np.rot90(scene(), -turns)
    data = encoded(kind, np.ascontiguousarray(stored), exif=b"Exif\0\0" + exif_block(orientation))
    found = decode_grey(data, "x")
    assert found.shape == scene().shape
    assert abs(int(found[10, 10]) - 0) <= 3
    assert abs(int(found[80, 40]) - 250) <= 3


def test_of_a_moving_gif_the_first_image_is_read() -> None:
    file = io.BytesIO()
    first, second = Image.fromarray(scene()), Image.fromarray(255 - scene())
    first.save(file, "GIF", save_all=True, append_images=[second])
    np.testing.assert_array_equal(decode_grey(file.getvalue(), "x"), scene())


def test_what_is_clear_in_a_gif_is_paper() -> None:
    palette = np.zeros((8, 8), np.uint8)
    palette[2:4] = 1
    image = Image.fromarray(palette, "P")
    image.putpalette([0, 0, 0, 200, 200, 200])
    file = io.BytesIO()
    image.save(file, "GIF", transparency=0)
    found = decode_grey(file.getvalue(), "x")
    assert (found[0, 0], found[2, 0]) == (255, 200)


def test_sixteen_bits_of_jpeg_2000_are_scaled_to_eight() -> None:
    data = encoded("JPEG2000", scene().astype(np.uint16) * 257)
    np.testing.assert_array_equal(decode_grey(data, "x"), scene())


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_declared_size_too_large_is_refused_before_decoding() -> None:
    gif = bytearray(encoded("GIF"))
    struct.pack_into("<HH", gif, 6, 20_000, 5_001)
    with pytest.raises(ImageError, match=r"^big: 20000x5001 pixels, but at most 100 million"):
        decode_grey(bytes(gif), "big")
    struct.pack_into("<HH", gif, 6, 65_535, 65_535)
    with pytest.raises(ImageError, match=r"^big: .*; scale the image down$"):
        decode_grey(bytes(gif), "big")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [0.02, 0.3, 0.7])
def test_files_cut_short_are_an_error_and_never_a_traceback(kind: str, part: float) -> None:
    data = encoded(kind, np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8))
    with pytest.raises(ImageError, match=f"^x: the {KINDS[kind]} image is damaged or cut short$"):
        decode_grey(data[: max(12, int(len(data) * part))], "x")


@pytest.mark.parametrize("kind", KINDS)
def test_no_damaged_file_ends_in_anything_but_an_image_error(kind: str) -> None:
    whole, rng = encoded(kind), np.random.default_rng(0)
    for _ in range(40):
        data = bytearray(whole)
        for place in rng.integers(12, len(data), 4):
            data[place] = rng.integers(256)
        with suppress(ImageError):
            assert decode_grey(bytes(data), "x").ndim == 2


def test_without_pillow_the_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImageError, match=r"^p\.gif: GIF images need .* run: pip install pillow"):
        decode_here(b"GIF89a" + b"\0" * 20, "p.gif")


def test_the_command_reads_a_folder_of_them(tmp_path: Path) -> None:
    for kind, suffix in [("GIF", ".gif"), ("HEIF", ".HEIC"), ("JPEG2000", ".jp2")]:
        (tmp_path / f"abc{suffix}").write_bytes(encoded(kind, draw("ABC")))
    done = run("file", ".", cwd=tmp_path)
    assert (done.stderr, done.returncode) == ("", 0)
    assert [line.split("\t")[1] for line in done.stdout.splitlines()] == ["ABC"] * 3
