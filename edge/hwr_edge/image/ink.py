"""Binarization: ink told from paper on an image whose light was evened out."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.morphology import Components, connected_components, dilated, flat_indices
from hwr_edge.image.pixels import PAPER, Grey, Mask


class InkLimits(NamedTuple):
    """What counts as paper, as ink and as a letter; chosen on drawn and real pages (`make bench-pages`).

    paper_size: pixels of the longer side of the copy that shows how light falls.
    paper_closing: part of that; no stroke is as thick.
    ink, core, shade: how much darker than the paper, as a part of white and in standard deviations of
        its grain: every pixel of ink; one pixel at least of each component; what may be a pale line.
    least_letter: height in stroke widths; lower components are dots and dashes.
    largest_letter: height as a part of the image's longer side.
    flattest_letter, slimmest_letter: times as wide as high, times as high as wide.
    marks, fewest_marks: of what may be letters, and how many, that are of one size to the pixel: bubbles.
    speck: pixels; what is wider or higher than specks of the grain is ink. most_grain: grey levels.
    normal: times half a deviation of grain; where the whole one is more, it is not the grain's, but ink's.
    least_half: grey levels; half a deviation is not known to be less, since white is cut off.
    inverted: grey levels that white writing is brighter than its black paper, at least.
    """

    paper_size: int = 300
    paper_closing: float = 0.05
    ink: tuple[float, float] = (0.10, 4.0)
    core: tuple[float, float] = (0.22, 6.0)
    shade: tuple[float, float] = (0.03, 2.5)
    least_letter: float = 2.0
    largest_letter: float = 0.4
    flattest_letter: int = 15
    slimmest_letter: int = 10
    marks: float = 0.5
    fewest_marks: int = 60
    speck: int = 4
    most_grain: float = 20.0
    normal: float = 5.0
    least_half: int = 2
    inverted: int = 60


LIMITS = InkLimits()


def dark_on_light(grey: Grey) -> Grey:
    """The image, or its negative where it shows light writing on dark paper.

    In a negative nothing bright is thicker than a stroke; a card on a dark table is.

    Args:
        grey: uint8 (H, W).
    """
    height, width = grey.shape
    part = min(1.0, LIMITS.paper_size / max(height, width))
    size = max(1, round(width * part)), max(1, round(height * part))
    tiny = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    dark = float(np.median(tiny))
    if dark > PAPER // 2 or float(tiny.max()) - dark < LIMITS.inverted:
        return grey
    side = max(3, round(max(size) * LIMITS.paper_closing)) | 1
    thick = cv2.morphologyEx(
        cv2.copyMakeBorder(tiny, side, side, side, side, cv2.BORDER_REPLICATE),
        cv2.MORPH_OPEN,
        np.ones((side, side), np.uint8),
    )
    return grey if float(thick.max()) - dark >= LIMITS.inverted / 2 else PAPER - grey


def flatten_light(grey: Grey) -> Grey:
    """The image with its paper white everywhere, whatever light fell on it.

    Args:
        grey: uint8 (H, W).

    Returns:
        uint8 (H, W), 255 for paper.
    """
    return np.asarray(cv2.divide(grey, paper_of(grey), scale=PAPER), np.uint8)


def paper_of(grey: Grey) -> Grey:
    """How bright the paper is at each place, uint8 (H, W), never 0."""
    height, width = grey.shape
    part = min(1.0, LIMITS.paper_size / max(height, width))
    size = max(1, round(width * part)), max(1, round(height * part))
    tiny = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    side = max(3, round(max(size) * LIMITS.paper_closing)) | 1
    tiny = cv2.morphologyEx(tiny, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    tiny = cv2.blur(tiny, (side, side), borderType=cv2.BORDER_REPLICATE)
    paper = cv2.resize(np.maximum(tiny, 1), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(paper, np.uint8)


def ink_of(flat: Grey, grain: float | None = None) -> tuple[Mask, Mask]:
    """Where ink is on an image as `flatten_light` gives it, and where it may be.

    Args:
        flat: uint8 (H, W).
        grain: as `grain_of` gives it; by default as of a page of which less than a sixth is ink or shaded.

    Returns:
        Ink: grain of the paper and pale components are none. And whatever is darker than the grain: what a
        pale printed line is found in.
    """
    components, dark, shade = components_of_ink(flat, grain)
    return components.mask_of(dark), shade


def components_of_ink(
    flat: Grey, grain: float | None = None
) -> tuple[Components, NDArray[np.bool_], Mask]:
    """As `ink_of`, but with the pale components: all of them, which are ink, and whatever is darker than the grain."""
    middle, _, one = _levels(flat[::2, ::2])  # enough to count
    grain = max(0.5, min(one, LIMITS.most_grain)) if grain is None else grain

    def darker(part: float, deviations: float) -> Mask:
        least = middle - max(part * PAPER, deviations * grain)
        return (flat < int(np.ceil(max(least, 0)))).view(np.uint8)

    components = connected_components(darker(*LIMITS.ink))
    dark = np.zeros(len(components.area), np.bool_)
    dark[components.labels.ravel()[flat_indices(darker(*LIMITS.core))]] = True
    dark[0] = False
    return components, dark, darker(*LIMITS.shade)


def grain_of(flat: Grey, printed: Mask | None = None) -> float:
    """One standard deviation of the paper's grain, grey levels, of an image as `flatten_light` gives it.

    On a filled form one pixel in six may be ink or shaded. So it is measured where there are no more than specks.

    Args:
        flat: uint8 (H, W).
        printed: uint8 (H, W), where print is known to be: what is paper is told from the rest of the image.
    """
    known = printed is not None and not printed.all()
    middle, half, one = _levels(flat[printed == 0] if known else flat[::2, ::2])
    if one > LIMITS.normal * max(half, LIMITS.least_half):
        least = max(LIMITS.ink[0] * PAPER, LIMITS.ink[1] * 2 * half)
        dark = connected_components((flat < middle - least).view(np.uint8))
        marks = dark.mask_of(np.maximum(dark.width, dark.height) > LIMITS.speck)
        _, half, one = _levels(flat[dilated(marks, LIMITS.speck, LIMITS.speck) == 0])
    return max(0.5, min(one, LIMITS.most_grain))


def _levels(flat: NDArray[np.uint8]) -> tuple[int, int, int]:
    """The median of grey levels, and how far below it those of a normal grain's half and whole deviation are."""
    counts = np.bincount(flat.ravel(), minlength=PAPER + 1).cumsum()
    middle, half, one = np.searchsorted(counts, counts[-1] * np.array([0.5, 0.31, 0.16]))
    return int(middle), int(middle - half), int(middle - one)


def stroke_width(ink: Mask) -> float:
    """How thick a stroke typically is, pixels: twice the ink's area by its outline's length."""
    inner = cv2.erode(ink, np.ones((3, 3), np.uint8))
    area, edge = int(cv2.countNonZero(ink)), int(cv2.countNonZero(ink - inner))
    return max(1.0, 2 * area / max(edge, 1))


def letter_height(ink: Mask, stroke: float) -> float:
    """Of the components that may be letters, the median height, larger ones counting more; 0 without any.

    Marks that are all alike, such as bubbles to fill, are none where anything else is.
    """
    components = connected_components(ink)
    tall, wide = components.height[1:], components.width[1:]
    letter = (tall >= LIMITS.least_letter * stroke) & (
        tall <= LIMITS.largest_letter * max(ink.shape)
    )
    letter &= (wide <= LIMITS.flattest_letter * tall) & (tall <= LIMITS.slimmest_letter * wide)
    others = letter & ~_marks(tall, wide, letter)
    tall = np.sort(tall[others if others.any() else letter])
    weight = np.cumsum(tall.astype(np.float64))
    return float(tall[np.searchsorted(weight, weight[-1] / 2)]) if tall.size else 0.0


def _marks(
    tall: NDArray[np.int32], wide: NDArray[np.int32], letter: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which components are of one size to the pixel, where most of those that may be letters are."""
    if not letter.any():
        return letter
    sizes, counts = np.unique(np.c_[tall, wide][letter], axis=0, return_counts=True)
    usual = sizes[counts.argmax()]
    similar = letter & (np.abs(tall - usual[0]) <= 1) & (np.abs(wide - usual[1]) <= 1)
    count = np.count_nonzero(similar)
    many = count >= LIMITS.fewest_marks and count >= LIMITS.marks * np.count_nonzero(letter)
    return similar if many else np.zeros_like(letter)
