from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import cv2
import pytest

from fakes import TINY_MODEL, draw
from hwr_edge.errors import HwrError
from hwr_edge.image.document import Unit
from hwr_edge.image.shape import Shape
from hwr_edge.line.reading import Reading
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.results.rows import Row
from hwr_edge.scan.batch import read_all, read_all_at_once
from hwr_edge.scan.scan import Page
from hwr_edge.scan.scanner import Scanner
from hwr_edge.scan.units import units


class Exhausted:
    """A scanner on a machine without memory."""

    def read(self, _: Any, __: str) -> None:
        raise MemoryError


@pytest.fixture
def image(tmp_path: Path) -> str:
    path = tmp_path / "abc.png"
    cv2.imwrite(str(path), draw("ABC"))
    return str(path)


def texts(*images: str, problems: list[str] | None = None) -> list[str]:
    """What is read in images of one line."""
    scanner = Scanner(Recognizer(TINY_MODEL), Shape.LINE)
    told = pytest.fail if problems is None else problems.append
    found: list[list[Row]] = list(read_all(units(images, told), scanner, told, pytest.fail))
    return [row.reading.text for rows in found for row in rows]


def test_rows_come_as_soon_as_each_image_is_read(image: str) -> None:
    asked: list[str] = []

    def images() -> Any:
        for path in (image, image):
            asked.append(path)
            yield Unit(path)

    scanner = Scanner(Recognizer(TINY_MODEL), Shape.LINE)
    rows = read_all(images(), scanner, pytest.fail, pytest.fail)
    assert next(rows)[0].reading.text == "ABC"
    assert len(asked) == 1


def test_an_image_that_does_not_fit_into_memory_does_not_stop_the_others(image: str) -> None:
    errors: list[str] = []
    exhausted = cast("Scanner", Exhausted())
    asked = [Unit(image), Unit("none.png")]
    assert list(read_all(asked, exhausted, errors.append, pytest.fail)) == [[], []]
    assert errors[0] == f"{image}: the image is too large for the memory; scale it down"
    assert errors[1].startswith("none.png: cannot be read")


class Faulty:
    """A scanner with a fault that nobody foresaw."""

    def read(self, _: Any, __: str) -> None:
        raise ZeroDivisionError("by zero")


def test_any_fault_is_its_image_s_own_problem_and_the_run_goes_on(image: str) -> None:
    problems: list[str] = []
    traces: list[str] = []
    asked = [Unit(image), Unit("none.png")]
    found = read_all(
        asked,
        cast("Scanner", Faulty()),
        problems.append,
        pytest.fail,
        on_trace=traces.append,
    )
    assert list(found) == [[], []]
    assert problems[0].startswith(
        f"{image}: cannot be read, because of a bug in hwr-edge (ZeroDivisionError: by zero); report"
    )
    assert problems[1].startswith("none.png: cannot be read")
    (trace,) = traces
    assert "in read\n" in trace


def test_a_fault_at_opening_does_not_stop_the_others(
    image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(name: str) -> None:
        raise RuntimeError(f"cannot open {name}")

    monkeypatch.setattr("hwr_edge.scan.units.has_pages", lambda name: name == "a.pdf")
    monkeypatch.setattr("hwr_edge.scan.units.Document", fail)
    problems: list[str] = []
    assert list(units(["a.pdf", image], problems.append)) == [Unit(image)]
    assert problems[0].startswith(
        "a.pdf: cannot be read, because of a bug in hwr-edge (RuntimeError:"
    )


def test_a_closed_standard_input_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    monkeypatch.setattr("hwr_edge.scan.units._open_documents", {})
    problems: list[str] = []
    assert texts("-", problems=problems) == []
    assert problems == ["standard input: cannot be read (closed)"]


class Slow:
    """A scanner that takes its time, and reads the number of the process that it is in."""

    recognizer = SimpleNamespace(top=0)

    def read(self, _: Any, __: str) -> Page:
        time.sleep(0.02)
        return Page(0, ((None, Reading(str(os.getpid()), 1.0, (), (0, 0, 1, 1))),))


class Dying(Slow):
    """Ends the process, if that was begun to read."""

    def read(self, grey: Any, name: str) -> Page:
        if multiprocessing.parent_process():
            os._exit(3)
        return super().read(grey, name)


def _at_once(kind: type[Slow], image: str, count: int) -> list[Row]:
    asked = [Unit(f"{image}-{k:03}.png") for k in range(count)]
    for unit in asked:
        os.link(image, unit.image)
    scanner = cast("Scanner", kind())
    make = cast("Callable[[], Scanner]", kind)
    found = read_all_at_once(asked, scanner, make, 2, pytest.fail, pytest.fail)
    return [row for rows in found for row in rows]


@pytest.mark.parametrize("count", [6, 100])
def test_several_processes_share_few_images_and_many_in_their_order(image: str, count: int) -> None:
    rows = _at_once(Slow, image, count)
    assert [row.image for row in rows] == [f"{image}-{k:03}.png" for k in range(count)]
    readers = {row.reading.text for row in rows}
    assert len(readers) == 2
    assert str(os.getpid()) in readers


def test_a_process_that_ends_before_its_time_is_said(image: str) -> None:
    with pytest.raises(HwrError, match="a reading process was killed"):
        _at_once(Dying, image, 30)
