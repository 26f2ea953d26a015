from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from hwr_edge.image.pixels import PAPER
from hwr_edge.line.preprocess import (
    Canvas,
    even_light,
    percentiles,
    placed,
    preprocess,
    stretch_contrast,
)
from strategies import grey_images

CANVAS = Canvas(48, 384)


def page(height: int, width: int) -> NDArray[np.uint8]:
    return np.full((height, width), 240, np.uint8)


def bar(image: NDArray[np.uint8], top: int, left: int, height: int, width: int) -> None:
    image[top : top + height, left : left + width] = 20


def line() -> NDArray[np.uint8]:
    """Five upright strokes on a strip of paper."""
    image = page(40, 320)
    for left in range(60, 160, 20):
        bar(image, 10, left, 22, 4)
    return image


@settings(deadline=None)
@given(grey_images())
def test_percentiles_are_numpys_to_the_bit(grey: NDArray[np.uint8]) -> None:
    wanted = (0, 1, 5, 50, 95, 99, 100)
    assert percentiles(grey, *wanted) == np.percentile(grey, wanted).tolist()


@given(grey_images())
@settings(max_examples=60, deadline=None)
def test_any_image_from_one_pixel_on_becomes_a_canvas(image: NDArray[np.uint8]) -> None:
    for canvas in (CANVAS, Canvas(16, 64, fit="stretch")):
        out = preprocess(image, canvas)
        assert out.shape == (canvas.height, canvas.width)
        assert out.dtype == np.uint8


@pytest.mark.parametrize("shape", [(1, 1), (1, 30_000), (30_000, 1), (2, 3), (400, 400)])
def test_extreme_shapes_become_a_canvas(shape: tuple[int, int]) -> None:
    assert preprocess(np.zeros(shape, np.uint8), CANVAS).shape == (48, 384)


def test_blank_paper_stays_white_whatever_its_shade() -> None:
    for shade in (255, 200, 130):
        out = preprocess(np.full((40, 300), shade, np.uint8), CANVAS)
        assert (out == PAPER).all()


def test_paper_grain_is_not_made_into_ink() -> None:
    grain = np.random.default_rng(0).normal(220, 6, (40, 300)).clip(0, 255).astype(np.uint8)
    assert preprocess(grain, CANVAS).min() > 128


def test_paper_becomes_white_and_ink_black() -> None:
    out = preprocess(line(), CANVAS)
    assert out[0, 0] == PAPER
    assert out[:, -1].min() == PAPER
    assert out.min() < 30


def test_faint_writing_is_made_dark() -> None:
    faint = (line() // 4 + 150).astype(np.uint8)
    assert preprocess(faint, CANVAS).min() < 140


def _lit(darkest: float) -> NDArray[np.uint8]:
    """The line under a lamp at the left: the right edge gets `darkest` of the light."""
    light = np.linspace(1.0, darkest, line().shape[1])
    return (line() * light).astype(np.uint8)


def test_a_slope_of_light_changes_nothing_on_the_canvas() -> None:
    flat, lit = preprocess(line(), CANVAS), preprocess(_lit(0.5), CANVAS)
    assert np.abs(flat.astype(int) - lit).mean() < 3
    assert (lit > 200).mean() == pytest.approx((flat > 200).mean(), abs=0.01)


def test_evenly_lit_paper_stays_to_the_pixel_as_it_is() -> None:
    np.testing.assert_array_equal(even_light(line()), line())
    np.testing.assert_array_equal(even_light(_lit(0.97)), _lit(0.97))


def test_a_large_photograph_is_lit_like_a_small_one() -> None:
    large = np.asarray(cv2.resize(_lit(0.5), None, fx=10, fy=10), np.uint8)
    assert large[:, -40:].max() < 140
    assert even_light(large)[:, -40:].min() > 220


def test_white_writing_on_black_reads_like_black_on_white() -> None:
    np.testing.assert_array_equal(preprocess(255 - line(), CANVAS), preprocess(line(), CANVAS))


def test_the_image_given_is_not_changed() -> None:
    image = line()
    before = image.copy()
    preprocess(image, CANVAS)
    np.testing.assert_array_equal(image, before)


def test_a_huge_image_gives_the_canvas_and_places_of_a_smaller_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = np.full((100, 800), 255, np.uint8)
    small[30:70, 200:600:40] = 0
    small[30:70, 201:601:40] = 0
    grey = np.kron(small, np.ones((3, 3), np.uint8))
    whole = placed(grey, CANVAS)
    monkeypatch.setattr("hwr_edge.line.preprocess._LARGEST", small.size)
    found = placed(grey, CANVAS)
    assert np.allclose(found.part, whole.part, atol=9)
    assert np.abs(found.pixels.astype(int) - whole.pixels).mean() < 4


def test_a_huge_image_is_never_looked_at_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def whole(even: NDArray[np.uint8], _: float) -> tuple[int, int, int, int]:
        sizes.append(even.size)
        return 0, 0, even.shape[1], even.shape[0]

    monkeypatch.setattr("hwr_edge.line.preprocess.line_box", whole)
    assert placed(np.full((10, 4_000_000), 255, np.uint8), CANVAS).part == (0, 0, 4_000_000, 10)
    assert sizes[0] <= 16_000_000


def test_a_square_keeps_its_shape() -> None:
    image = page(40, 320)
    bar(image, 10, 100, 20, 20)
    rows, columns = np.nonzero(preprocess(image, CANVAS) < 128)
    assert np.ptp(rows) == pytest.approx(np.ptp(columns), abs=1)


def test_writing_moved_to_the_right_gives_the_same_canvas() -> None:
    np.testing.assert_array_equal(
        preprocess(line(), CANVAS), preprocess(np.roll(line(), 80, axis=1), CANVAS)
    )


def test_contrast_goes_the_whole_way() -> None:
    out = stretch_contrast(line())
    assert (out.min(), out.max()) == (0, 255)


def test_stretching_fills_the_canvas_and_touches_nothing_else() -> None:
    image = np.repeat(np.repeat(np.array([[0, 90], [180, 255]], np.uint8), 8, 0), 32, 1)
    np.testing.assert_array_equal(preprocess(image, Canvas(16, 64, fit="stretch")), image)


def test_the_canvas_of_a_known_image_never_changes() -> None:
    # Training, calibration and the device must agree, on every version of NumPy and OpenCV.
    out = preprocess(line(), CANVAS)
    ink = 255 - out.astype(np.int64)
    assert int(ink.sum()) == pytest.approx(GOLDEN_INK, rel=0.002)
    centre = (ink.sum(0) * np.arange(384)).sum() / ink.sum()
    assert centre == pytest.approx(GOLDEN_CENTRE, abs=0.1)


GOLDEN_INK = 158_208
GOLDEN_CENTRE = 63.0


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((3, 3, 3), np.uint8), np.zeros((3, 3), np.float32), np.zeros((0, 3), np.uint8)],
)
def test_what_is_no_grey_image_is_refused(wrong: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="image is needed"):
        preprocess(wrong, CANVAS)


@pytest.mark.parametrize("wrong", [{"height": 0}, {"width": -1}, {"fit": "wide"}])
def test_a_canvas_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"canvas|fit"):
        Canvas(**wrong)  # type: ignore[arg-type]
