from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from handwriting import handwriting
from hwr_edge.page.line_kinds import Kind
from hwr_train.line_kinds.hands import of_crops, of_made, of_plotted
from hwr_train.synthetic.fields import FieldGenerator


def test_crops_put_on_pages_come_back_as_handwriting_or_as_digits(tmp_path: Path) -> None:
    rows = []
    for k, text in enumerate(("MANON", "12", "THOMAS")):
        path = tmp_path / f"{k}.png"
        cv2.imwrite(str(path), handwriting("LUCIE", np.random.default_rng(k)))
        rows.append((path, text))
    found = of_crops(rows, np.random.default_rng(0), None)
    kinds = set(found.kinds.tolist())
    assert kinds == {Kind.HANDWRITING, Kind.DIGITS}
    assert len(np.unique(found.lines)) == 3


def test_a_crop_whose_line_reads_otherwise_is_left_out(tmp_path: Path) -> None:
    class Reader:
        def read_grey(self, crop: object) -> object:
            return type("Reading", (), {"text": "LUCIE"})()

    path = tmp_path / "a.png"
    cv2.imwrite(str(path), handwriting("LUCIE", np.random.default_rng(1)))
    rng = np.random.default_rng(0)
    rows = [(path, "Lucie"), (path, "BARTHELEMY")]
    found = of_crops(rows, rng, Reader())  # type: ignore[arg-type]
    assert len(np.unique(found.lines)) == 1


def test_made_lines_are_handwriting_and_plotted_ones_print() -> None:
    made = of_made(FieldGenerator(), 20, np.random.default_rng(0))
    assert set(made.kinds.tolist()) == {Kind.HANDWRITING}
    assert len(np.unique(made.lines)) > 12
    plotted = of_plotted(20, np.random.default_rng(0))
    assert set(plotted.kinds.tolist()) == {Kind.PRINT}
