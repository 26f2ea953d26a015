"""The report of an evaluation: one page, with every wrong reading on it."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from hwr_edge.errors import DataError
from hwr_train.data.checked import Checked
from hwr_train.data.row import Row
from hwr_train.measuring.evaluation import Evaluation
from hwr_train.measuring.report import write_report
from hwr_train.measuring.report_errors import confusions
from hwr_train.measuring.report_plots import read_log


@pytest.fixture
def found(tmp_path: Path) -> Evaluation:
    truths = ("LEA", "EMMA", "A<B", "JEAN")
    rows = []
    for k, truth in enumerate(truths):
        path = tmp_path / f"{k}.png"
        cv2.imwrite(str(path), np.full((20, 60), 40 * k, np.uint8))
        rows.append(Row(path.name, path, truth))
    return Evaluation(
        "m.tflite",
        "exam",
        "greedy",
        tuple(rows),
        ("LEA", "ENMA", "AB", "JEAN"),
        (0.9, 0.75, 0.3, 1.0),
        ((60, 20),) * 4,
        {"blank": 2},
        499,
    )


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.images: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.images.append(dict(attrs)["src"] or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def test_confusions_are_the_edits_from_truth_to_reading() -> None:
    pairs = confusions(["EMMA", "EMMA", "LEA", "NOE"], ["ENMA", "ENMA", "LEAA", "NO"])
    assert pairs == {("M", "N"): 2, ("", "A"): 1, ("E", ""): 1}


def test_the_page_shows_figures_and_each_wrong_reading_once(
    found: Evaluation, tmp_path: Path
) -> None:
    write_report(found, tmp_path / "report.html")
    page = _Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "50.00%" in page.text
    assert "2 blank" in page.text
    assert "All 2 wrong readings" in page.text
    assert len(page.images) == 3  # one is the reliability diagram
    assert all(src.startswith("data:image/png;base64,") for src in page.images)
    assert page.text.index("1.png") < page.text.index("2.png")  # the surer mistake first
    assert "0.png" not in page.text
    assert "A<B" in page.text.replace("\n", "")  # a label is text, never markup


def test_the_page_needs_nothing_from_elsewhere(found: Evaluation, tmp_path: Path) -> None:
    write_report(found, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "http" not in text
    assert "<script" not in text


def test_the_page_shows_figures_against_what_is_written(found: Evaluation, tmp_path: Path) -> None:
    checked = {"1.png": Checked("corrected", ("ENMA",))}
    write_report(replace(found, checked=checked), tmp_path / "report.html")
    page = _Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "75.00%names read exactly" in page.text
    assert "95 % of the surest 75.0% are right" in page.text  # 25 % with the label as published
    assert "1 rows whose label nobody looked at" in page.text
    assert "corrected: ENMA" in page.text


def test_the_learning_curve_comes_from_the_log(found: Evaluation, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("epoch,loss,val_loss,val_cer,val_exact\n1,9,8,1,0\n2,4,5,0.5,0.2\n")
    write_report(found, tmp_path / "report.html", read_log(log))
    page = _Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert len(page.images) == 4
    for content in ("nothing\n", "epoch,loss\n1,2\n", ""):
        log.write_text(content)
        with pytest.raises(DataError, match="not the log of a run"):
            read_log(log)
