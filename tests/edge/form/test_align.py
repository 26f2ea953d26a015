"""A form found in scans and photographs, another refused, its fields cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from drawn_forms import BOXES, OTHER_WORDS, WORDS, empty_form, form_at, written
from hwr_edge.errors import DataError, ImageError
from hwr_edge.form.align import Aligner
from hwr_edge.form.fields import Cut, FieldCutter
from hwr_edge.image.pixels import Box, Grey


@pytest.fixture(scope="module")
def aligner() -> Aligner:
    return Aligner(form_at(Path("school.toml")))


def _corners(box: Box) -> NDArray[np.float64]:
    x, y, w, h = box
    return np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float64)


def _seen(paper: Grey, move: NDArray[Any], size: tuple[int, int], table: int = 255) -> Grey:
    out = cv2.warpPerspective(paper, move, size, flags=cv2.INTER_AREA, borderValue=table)
    return np.asarray(out, np.uint8)


_LEANING = cv2.getPerspectiveTransform(
    np.array([[0, 0], [1200, 0], [1200, 1500], [0, 1500]], np.float32),
    np.array([[260, 120], [1180, 190], [1330, 1480], [120, 1390]], np.float32),
)
_VIEWS = {
    "as it is": (np.eye(3), (1200, 1500)),
    "at two thirds": (np.diag([0.67, 0.67, 1.0]), (804, 1005)),
    "at twice": (np.diag([2.0, 2.0, 1.0]), (2400, 3000)),
    "askew": (np.array([[0.998, -0.06, 60], [0.06, 0.998, 10], [0, 0, 1]]), (1300, 1600)),
    "upside down": (np.array([[-1.0, 0, 1200], [0, -1, 1500], [0, 0, 1]]), (1200, 1500)),
    "sideways": (np.array([[0.0, -1, 1500], [1, 0, 0], [0, 0, 1]]), (1500, 1200)),
    "on a table": (_LEANING, (1450, 1600)),
}


@pytest.mark.parametrize("view", _VIEWS)
def test_each_field_is_found_however_the_form_lies(aligner: Aligner, view: str) -> None:
    move, size = _VIEWS[view]
    paper = written(written(empty_form(), BOXES[0]), BOXES[2])
    scan = _seen(paper, move, size, 90 if view == "on a table" else 255)
    cuts = FieldCutter(aligner.form).cut(aligner.align(scan))
    scale = float(np.sqrt(abs(np.linalg.det(move[:2, :2]))))
    for cut, box in zip(cuts, BOXES, strict=True):
        truth = cv2.perspectiveTransform(_corners(box)[None], move)[0]
        assert np.abs(cut.corners - truth).max() < 6 * scale
        x, y, width, height = cut.box
        assert x - 2 <= cut.corners[:, 0].min() <= cut.corners[:, 0].max() <= x + width + 2
        assert y - 2 <= cut.corners[:, 1].min() <= cut.corners[:, 1].max() <= y + height + 2
    assert [_ink(cut) > 0 for cut in cuts] == [True, False, True, False]


def _ink(cut: Cut) -> int:
    return int((cut.crop < 128).sum())


def test_a_field_in_shadow_is_cut_like_one_in_light(aligner: Aligner) -> None:
    paper = written(empty_form(), BOXES[3])
    light = np.linspace(1.0, 0.45, 1200)[None, :]
    cuts = FieldCutter(aligner.form).cut(aligner.align((paper * light).astype(np.uint8)))
    assert [_ink(cut) > 0 for cut in cuts] == [False, False, False, True]


@pytest.mark.parametrize("number", range(4))
def test_print_is_taken_out_and_writing_stays_whole(aligner: Aligner, number: int) -> None:
    box = BOXES[number]
    sheet = aligner.align(written(empty_form(), box, low=75 if number > 1 else 62))
    crop = FieldCutter(aligner.form).cut(sheet)[number].crop
    ink = (crop < 128).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    letters = stats[1:][stats[1:, cv2.CC_STAT_AREA] > 20]
    assert len(letters) == 5  # each in one piece, and nothing else
    assert crop.shape[1] >= 8 * crop.shape[0] - 1
    assert 0.4 < np.median(letters[:, cv2.CC_STAT_HEIGHT]) / crop.shape[0] < 0.75
    assert count < 10


def test_writing_that_leaves_its_field_a_little_is_kept(aligner: Aligner) -> None:
    inside = aligner.align(written(empty_form(), BOXES[2], low=62))
    leaving = aligner.align(written(empty_form(), BOXES[2], low=36))
    whole, out = (_ink(FieldCutter(aligner.form).cut(sheet)[2]) for sheet in (inside, leaving))
    assert out > 0.85 * whole


def test_an_empty_field_is_a_blank_crop(aligner: Aligner) -> None:
    noise = np.random.default_rng(1).normal(0, 4, (1500, 1200))
    scan = np.clip(empty_form() * 0.94 + noise, 0, 255).astype(np.uint8)
    for cut in FieldCutter(aligner.form).cut(aligner.align(scan)):
        assert (cut.crop == 255).all()


def _lines_only() -> Grey:
    paper: Grey = np.full((1500, 1200), 255, np.uint8)
    for y in range(100, 1450, 60):
        cv2.line(paper, (80, y), (1120, y), 120, 2)
    return paper


@pytest.mark.parametrize(
    "other",
    [
        empty_form(OTHER_WORDS, "MEDICAL RECORD"),
        empty_form(OTHER_WORDS),
        empty_form((*WORDS[:2], *OTHER_WORDS[2:])),
        np.full((1500, 1200), 255, np.uint8),
        _lines_only(),
        np.zeros((40, 40), np.uint8),
        np.full((1, 1), 7, np.uint8),
    ],
    ids=[
        "another form",
        "other labels",
        "half of the labels",
        "blank",
        "ruled",
        "black",
        "one pixel",
    ],
)
def test_what_is_not_the_form_is_refused_by_name(aligner: Aligner, other: Grey) -> None:
    with pytest.raises(
        ImageError, match=r"^scan\.jpg: does not look like the form school\.toml: .*; "
    ):
        aligner.align(other, "scan.jpg")


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("table", [255, 90])
def test_two_forms_in_one_image_are_told(aligner: Aligner, axis: int, table: int) -> None:
    def on_table(paper: Grey) -> Grey:
        move = np.array([[0.95, -0.03, 100], [0.03, 0.95, 60], [0, 0, 1]])
        return _seen(paper, move, (1300, 1600), table)

    first = cv2.copyMakeBorder(empty_form(), 60, 40, 60, 40, cv2.BORDER_CONSTANT, value=table)
    with pytest.raises(ImageError, match="more than one form"):
        aligner.align(np.concatenate([first, on_table(written(empty_form(), BOXES[0]))], axis))
    other = on_table(empty_form(OTHER_WORDS, "MEDICAL RECORD"))
    aligner.align(np.concatenate([first, other], axis))


def test_how_much_of_a_field_is_in_the_image_is_known(aligner: Aligner) -> None:
    x, _, width, _ = BOXES[3]
    for edge, seen in ((x + width + 5, 1.0), (x + width // 2, 0.5), (x + width // 4, 0.25)):
        paper = np.ascontiguousarray(empty_form()[:, :edge])
        cuts = FieldCutter(aligner.form).cut(aligner.align(paper))
        assert [cut.seen for cut in cuts] == pytest.approx([seen] * 4, abs=0.05)


def test_a_form_with_too_little_print_is_refused() -> None:
    blank = np.full((1500, 1200), 255, np.uint8)
    with pytest.raises(DataError, match=r"^f\.toml: .*too little print"):
        Aligner(form_at(Path("f.toml"), blank))
