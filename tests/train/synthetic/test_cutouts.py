"""New names from pieces of crops: cut between the letters, the printed label left out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from hwr_edge.errors import DataError
from hwr_edge.image.pixels import PAPER
from hwr_edge.line.charset import Charset
from hwr_edge.line.preprocess import Canvas
from hwr_train.data.canvases import NameData
from hwr_train.synthetic.cut_crops import cut_crops
from hwr_train.synthetic.cutouts import CutoutNames
from hwr_train.synthetic.name_list import NameList

LETTERS = Charset(" ABCDEFGH")
CANVAS = Canvas(48, 384)
FRAMES, PITCH = 64, 6


def _crop(
    text: str, left: int = 20, label: bool = False, lag: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """A canvas with a component of its own height for each letter, and logits that find it."""
    canvas = np.full((48, 384), PAPER, np.uint8)
    logits = np.zeros((FRAMES, LETTERS.classes), np.float32)
    logits[:, 0] = 20
    if label:
        for x in (4, 12, 22):
            canvas[16:30, x : x + 5] = 0
        left += 40
    x = left
    for letter in text:
        if letter != " ":
            k = LETTERS.encode(letter)[0]
            canvas[30 - 12 - k // 2 : 30, x : x + 10] = 0
            canvas[20 + k % 3 : 24, x + 4 : x + 8] = PAPER  # a hole, so that it is no plain block
        frame = (x + 5) // PITCH + lag
        logits[frame] = 0
        logits[frame, LETTERS.encode(letter)[0]] = 20
        x += 18
    return canvas, logits


def _data(
    crops: list[tuple[str, tuple[np.ndarray, np.ndarray]]],
) -> tuple[NameData, NDArray[np.float32]]:
    texts = tuple(text for text, _ in crops)
    return (
        NameData(np.stack([c for _, (c, _) in crops]), texts, texts),
        np.stack([logits for _, (_, logits) in crops]),
    )


def test_letters_are_cut_where_they_stand_and_the_label_is_none() -> None:
    data, logits = _data([("ABC", _crop("ABC", 20, label=True)), ("DE", _crop("DE", 30))])
    first, second = cut_crops(data, logits, LETTERS)
    assert (first.text, second.text) == ("ABC", "DE")
    assert first.starts == tuple(60 + 18 * i - 1 for i in range(3))
    assert first.ends == tuple(60 + 18 * i + 11 for i in range(3))
    assert second.starts == (29, 47)


def test_frames_that_come_late_everywhere_are_set_right() -> None:
    data, logits = _data([(t, _crop(t, 26, lag=1)) for t in ("ABC", "DEF", "GH")])
    assert [cut.starts[0] for cut in cut_crops(data, logits, LETTERS)] == [25, 25, 25]


def test_a_crop_that_is_read_otherwise_or_whose_letters_touch_is_left_out() -> None:
    misread = _crop("ABD")
    touching, logits = _crop("ABC")
    touching[24:26, 20:60] = 0
    data, all_logits = _data([("ABC", misread), ("ABC", (touching, logits)), ("GH", _crop("GH"))])
    assert [cut.place for cut in cut_crops(data, all_logits, LETTERS)] == [2]


def test_a_letter_that_is_taken_for_another_is_cut_where_its_label_is_credible() -> None:
    canvas, logits = _crop("ABC")
    frame = int(logits[:, LETTERS.encode("B")[0]].argmax())
    logits[frame, LETTERS.encode("D")[0]] = 22  # two nats likelier than the B that is written
    (cut,) = cut_crops(*_data([("ABC", (canvas, logits))]), LETTERS)
    assert (cut.text, cut.starts) == ("ABC", tuple(20 + 18 * i - 1 for i in range(3)))
    logits[frame, LETTERS.encode("D")[0]] = 26
    assert cut_crops(*_data([("ABC", (canvas, logits))]), LETTERS) == []


def test_a_space_stays_between_its_words() -> None:
    data, logits = _data([("AB CD", _crop("AB CD"))])
    (cut,) = cut_crops(data, logits, LETTERS)
    assert cut.text == "ABCD"
    assert cut.spaces == {2}
    names = CutoutNames(data, logits, LETTERS, NameList({"A": 1.0}), CANVAS, 1)
    assert set(names.pieces) == {"A", "AB", "B", "C", "CD", "D"}


@pytest.fixture(scope="module")
def names() -> CutoutNames:
    data, logits = _data(
        [(t, _crop(t, 20, label=i == 0)) for i, t in enumerate(("ABCD", "EFGH", "HEAD"))]
    )
    return CutoutNames(
        data, logits, LETTERS, NameList({"FEED": 1.0, "CAGE HED": 1.0}), CANVAS, 4, seed=3
    )


def test_a_name_has_as_many_blots_as_letters(names: CutoutNames) -> None:
    seen = set()
    for index in range(40):
        text, canvas = names.sample(1, index)
        assert canvas.shape == (48, 384)
        assert canvas.dtype == np.uint8
        components = cv2.connectedComponents((canvas < 128).astype(np.uint8))[0] - 1
        assert components in (
            len(text.replace(" ", "")),
            len(text.replace(" ", "")) + 3,
        )  # or a label
        seen.add(text)
    assert {"FEED", "CAGE HED"} <= seen


def test_a_name_is_the_same_for_the_same_epoch_and_index(names: CutoutNames) -> None:
    canvas = names.sample(2, 7)[1]
    np.testing.assert_array_equal(names.sample(2, 7)[1], canvas)
    assert any(not np.array_equal(names.sample(3, k)[1], canvas) for k in (7, 8))


def test_a_name_with_a_letter_that_nobody_wrote_is_never_drawn() -> None:
    data, logits = _data([("ABC", _crop("ABC"))])
    names = CutoutNames(data, logits, LETTERS, NameList({"HEAD": 1.0, "CAB": 1.0}), CANVAS, 1)
    assert {names.sample(0, i)[0] for i in range(30)} <= {"CAB", ""}
    with pytest.raises(DataError, match="no name"):
        CutoutNames(data, logits, LETTERS, NameList({"HEAD": 1.0}), CANVAS, 1)


def test_nothing_to_cut_is_one_clear_error() -> None:
    data, logits = _data([("ABC", _crop("ABD"))])
    with pytest.raises(DataError, match="no crop"):
        CutoutNames(data, logits, LETTERS, NameList({"A": 1.0}), CANVAS, 1)
