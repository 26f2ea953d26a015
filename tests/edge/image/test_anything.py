"""Whatever a program has as an image is the same image."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from hwr_edge.errors import ImageError
from hwr_edge.image.anything import opened
from hwr_edge.image.pixels import Grey
from images import encode, tiff, turned, with_exif

Image: Any = pytest.importorskip("PIL.Image")


def scene() -> Grey:
    """uint8 (24, 40) without any symmetry."""
    return np.random.default_rng(1).integers(0, 256, (24, 40), np.uint8)


def grey_of(image: Any, rgb: bool = False) -> Grey:
    with opened(image, rgb) as found:
        return found.grey()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "scene.png"
    path.write_bytes(encode(".png", scene()))
    return path


AS: dict[str, Callable[[Path], Any]] = {
    "a path": lambda path: path,
    "its name": str,
    "bytes": Path.read_bytes,
    "a bytearray": lambda path: bytearray(path.read_bytes()),
    "a view of bytes": lambda path: memoryview(path.read_bytes()),
    "a file in memory": lambda path: io.BytesIO(path.read_bytes()),
    "an open file": lambda path: path.open("rb"),
    "a Pillow image": Image.open,
    "grey pixels": lambda path: scene(),
    "BGR pixels": lambda path: cv2.cvtColor(scene(), cv2.COLOR_GRAY2BGR),
    "pixels out of a larger array": lambda path: np.kron(scene(), np.ones((2, 2), np.uint8))[::2, ::2],
}  # fmt: skip


@pytest.mark.parametrize("way", AS)
def test_all_that_shows_the_same_is_the_same(way: str, path: Path) -> None:
    found = grey_of(AS[way](path))
    np.testing.assert_array_equal(found, scene())
    assert found.flags.c_contiguous


def test_colours_count_as_blue_green_red_unless_it_is_said() -> None:
    blue = np.zeros((4, 4, 3), np.uint8)
    blue[:, :, 0] = 200
    assert grey_of(blue)[0, 0] == 23
    assert grey_of(blue[:, :, ::-1], rgb=True)[0, 0] == 23
    assert grey_of(Image.fromarray(blue[:, :, ::-1].copy()))[0, 0] == 23


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16"])
def test_pillow_images_of_every_mode_are_read(mode: str) -> None:
    two = np.where(scene() > 127, 255, 0).astype(np.uint8)
    deep = Image.fromarray(two.astype(np.uint16) * 257)
    image = deep if mode == "I;16" else Image.fromarray(two).convert(mode)
    assert image.mode == mode
    assert int(np.abs(grey_of(image).astype(int) - two).max()) <= 2


def test_what_is_clear_in_a_pillow_image_is_paper() -> None:
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    assert (grey_of(clear) == 255).all()
    palette = Image.new("P", (8, 8), 0)
    palette.info["transparency"] = 0
    assert (grey_of(palette) == 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pillow_images_are_turned_upright(orientation: int) -> None:
    data = with_exif(".png", turned(scene(), orientation), orientation)
    np.testing.assert_array_equal(grey_of(Image.open(io.BytesIO(data))), scene())


def test_the_pages_of_a_tiff_in_memory_are_read_one_by_one() -> None:
    done, data = cv2.imencodemulti(".tif", [scene(), 255 - scene()])
    assert done
    with opened(data.tobytes()) as found:
        assert found.pages == 2
        np.testing.assert_array_equal(found.grey(2), 255 - scene())
        assert found.crc32 is None
        with pytest.raises(ImageError, match="has no page 3; its last page is 2"):
            found.grey(3)


def test_what_has_one_page_has_no_second() -> None:
    with opened(scene()) as found, pytest.raises(ImageError, match="the image: has no page 2"):
        found.grey(2)


@pytest.mark.parametrize("wrong", [None, 7, [[1, 2]], {"a": 1}])
def test_what_is_no_image_at_all_is_a_type_error(wrong: Any) -> None:
    with pytest.raises(TypeError, match=f"not {type(wrong).__name__}$"):
        grey_of(wrong)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "none.png"
    with pytest.raises(ImageError, match=r"none\.png: cannot be read"):
        grey_of(missing)
    with pytest.raises(ImageError, match="the image: not a JPEG"):
        grey_of(b"no image at all")
    with pytest.raises(ImageError, match="the image: the file is empty"):
        grey_of(io.BytesIO())
    (tmp_path / "text.png").write_text("no image")
    with (
        (tmp_path / "text.png").open() as text,
        pytest.raises(ImageError, match=r"text\.png: is open as text; open it with mode 'rb'"),
    ):
        grey_of(text)
    closed = io.BytesIO(b"x")
    closed.close()
    with pytest.raises(ImageError, match="the image: cannot be read"):
        grey_of(closed)
    with pytest.raises(ImageError, match="float64"):
        grey_of(np.zeros((4, 4)))


def test_a_pillow_image_that_is_cut_short_is_an_image_error(path: Path) -> None:
    whole = path.read_bytes()
    with pytest.raises(ImageError, match="the Pillow image cannot be read"):
        grey_of(Image.open(io.BytesIO(whole[: len(whole) // 2])))


def test_a_name_of_one_dash_is_a_file_and_never_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-").write_bytes(encode(".png", scene()))
    np.testing.assert_array_equal(grey_of("-"), scene())


def test_a_tiff_on_a_disk_and_in_memory_is_the_same(tmp_path: Path) -> None:
    data = tiff(scene().tobytes(), 40, 24)
    (tmp_path / "scene.tif").write_bytes(data)
    np.testing.assert_array_equal(grey_of(tmp_path / "scene.tif"), grey_of(data))
