"""How pages are read, on made class lists, and how lines are found on real pages.

    PYTHONPATH=tests python -m bench.pages [--lists 40] [--cards 40] [--pages FOLDER]

Lists have 30 names each, plain, ruled, dotted or in tables, at 150 to 300 dpi, askew by up to 5
degrees, and cards 2 to 16 to a photograph, in drawn hands that no training drew. FOLDER holds images with ALTO files (.xml) of the same
names beside them, as line boxes are published.
"""

from __future__ import annotations

import argparse
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from hwr_edge import Recognizer
from hwr_edge.image.decode import read_grey
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.image.turning import turned_box
from hwr_edge.line.reading import Reading
from hwr_edge.page.locate import Line, find_lines
from hwr_edge.page.reader import read_page
from made_cards import cards
from made_pages import MadePage, Written, class_list
from pages import overlap

SEED = 20_261_124
"""Of the lists; none was looked at while the search for lines was made."""


@dataclass
class Tally:
    """Counts over all lists: names, those located, those right where located, and clean crops of those."""

    names: int = 0
    located: int = 0
    right: int = 0
    clean: int = 0
    extra: int = 0
    pages: int = 0


def lists(count: int) -> Iterator[MadePage]:
    """Made class lists."""
    for k in range(count):
        rng = np.random.default_rng([SEED, k])
        yield class_list(rng, rng.uniform(150, 300), rng.uniform(-5, 5))


def is_located(written: Written, others: Sequence[Written], box: Box) -> bool:
    """Whether a box holds a name, at least 90 % of its width and 80 % of its height, and no other's middle."""
    (x0, y0), (x1, y1) = written.quad.min(0), written.quad.max(0)
    x, y, w, h = box
    wide = min(x1, x + w) - max(x0, x)
    tall = min(y1, y + h) - max(y0, y)
    middles = [other.quad.mean(0) for other in others]
    held = sum(x < mx < x + w and y < my < y + h for mx, my in middles)
    return bool(
        wide >= 0.9 * (x1 - x0) and tall >= 0.8 * (y1 - y0) and h <= 2 * (y1 - y0) and held == 1
    )


def tally_list(made: MadePage, reader: Recognizer, tally: Tally) -> None:
    """Count one list."""
    lines: list[Line] = find_lines(made.image)
    for written in made.written:
        tally.names += 1
        found = next((ln for ln in lines if is_located(written, made.written, ln.box)), None)
        if found:
            tally.located += 1
            tally.right += reader.read_grey(found.crop).text == written.text
            tally.clean += reader.read_grey(written.clean).text == written.text
    read = read_page(reader, made.image)
    middles = [written.quad.mean(0) for written in made.written]
    tally.pages += 1
    for reading in read.readings:
        x, y, w, h = reading.box
        tally.extra += not any(x < mx < x + w and y < my < y + h for mx, my in middles)


def read_cards(count: int, reader: Recognizer) -> None:
    """Photographs of 2 to 16 cards, 3 to 30 mm apart: whether each name is read, once and where it stands."""
    names = found = right = clean = readings = 0
    for k in range(count):
        rng = np.random.default_rng([SEED, 1, k])
        rows, columns = (int(side) for side in rng.integers(1, 5, size=2))
        made = cards(rng, rows, max(columns, 2), rng.uniform(3, 30))
        read = read_page(reader, made.image)
        readings += len(read.readings)
        for written in made.written:
            x, y = written.quad.mean(0)
            box = turned_box((round(x), round(y), 0, 0), read.turn, made.image.shape)
            here = [
                r.text
                for r in read.readings
                if r.box[0] <= box[0] <= r.box[0] + r.box[2]
                and r.box[1] <= box[1] <= r.box[1] + r.box[3]
            ]
            names += 1
            found += len(here) == 1
            right += here == [written.text]
            clean += reader.read_grey(written.clean).text == written.text
    print(
        f"cards, {count} photographs of some: {found / names:.1%} of {names} names found, {right / names:.1%} "
        f"exact, as clean crops {clean / names:.1%}; {readings - found} readings that are no name"
    )


def pair_cells(count: int, reader: Recognizer) -> None:
    """Class lists of two columns: whether both names of a line get its row, and each its column."""
    right = pairs = 0
    for k in range(count):
        rng = np.random.default_rng([SEED, 2, k])
        made = class_list(rng, rng.uniform(150, 300), rng.uniform(-5, 5), kind="columns")
        read = read_page(reader, made.image)
        cells = [_cell_of(written, read.readings) for written in made.written]
        for one, other in zip(cells[::2], cells[1::2], strict=False):
            pairs += 1
            right += (
                one is not None
                and other is not None
                and (one[0], one[1], other[1]) == (other[0], 1, 2)
            )
    print(f"class lists of two columns, {count}: {right / pairs:.1%} of {pairs} lines paired")


def _cell_of(written: Written, readings: Sequence[Reading]) -> tuple[int, int] | None:
    x, y = written.quad.mean(0)
    for reading in readings:
        left, top, wide, high = reading.box
        if left < x < left + wide and top < y < top + high:
            return reading.cell
    return None


def alto_lines(path: Path) -> list[Box]:
    """The line boxes of an ALTO file, in pixels."""
    keys = ("HPOS", "VPOS", "WIDTH", "HEIGHT")
    lines = (node for node in ET.parse(path).iter() if node.tag.endswith("}TextLine"))
    return [tuple(int(node.attrib[key]) for key in keys) for node in lines]  # type: ignore[misc]


def matched(truth: Sequence[Box], found: Sequence[Box], least: float = 0.5) -> int:
    """How many are found, one to one, the closest pairs first."""
    pairs = sorted(
        ((overlap(a, b), i, j) for i, a in enumerate(truth) for j, b in enumerate(found)),
        reverse=True,
    )
    used: tuple[set[int], set[int]] = set(), set()
    for share, i, j in pairs:
        if share >= least and i not in used[0] and j not in used[1]:
            used[0].add(i)
            used[1].add(j)
    return len(used[0])


def real_pages(folder: Path) -> None:
    """Recall and precision of line boxes."""
    hit = truth = found = 0
    for alto in sorted(folder.glob("*.xml")):
        boxes, lines = (
            alto_lines(alto),
            [ln.box for ln in find_lines(read_grey(alto.with_suffix(".jpg")))],
        )
        hit, truth, found = hit + matched(boxes, lines), truth + len(boxes), found + len(lines)
    print(
        f"lines of real pages, intersection over union at least 0.5: recall {hit / truth:.1%}, "
        f"precision {hit / found:.1%} ({truth} lines)"
    )


def speed(page: Grey, rounds: int = 15) -> None:
    """Processor time of finding the lines of a 300-dpi page, and of their crops, against decoding its JPEG."""
    packed = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
    spent: tuple[list[float], list[float], list[float]] = [], [], []
    for _ in range(rounds):
        marks = [time.process_time()]
        cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE)
        marks.append(time.process_time())
        lines = find_lines(page)
        marks.append(time.process_time())
        for line in lines:
            line.crop  # noqa: B018
        marks.append(time.process_time())
        for times, one in zip(spent, np.diff(marks), strict=True):
            times.append(float(one))
    decoding, finding, cutting = (float(np.median(times)) for times in spent)
    print(
        f"page at 300 dpi, {page.shape[1]}x{page.shape[0]}: decoding {decoding * 1000:.0f} ms, "
        f"lines found {finding * 1000:.0f} ms, {finding / decoding:.1f} x; their {len(lines)} crops "
        f"cut {cutting * 1000:.0f} ms, {cutting / decoding:.1f} x"
    )


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lists", type=int, default=40)
    parser.add_argument("--cards", type=int, default=40, help="Photographs of some.")
    parser.add_argument("--tables", type=int, default=20)
    parser.add_argument("--pages", type=Path)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    tally, reader = Tally(), Recognizer()
    for made in lists(asked.lists):
        tally_list(made, reader, tally)
    print(
        f"names located on {tally.pages} made class lists: {tally.located / tally.names:.2%} of {tally.names}"
    )
    print(
        f"exact where located: {tally.right / tally.located:.2%}; the same names as clean crops "
        f"{tally.clean / tally.located:.2%}"
    )
    print(f"readings that are no name: {tally.extra / tally.pages:.2f} a page")
    pair_cells(asked.tables, reader)
    read_cards(asked.cards, reader)
    speed(class_list(np.random.default_rng(SEED), 300, 1.0).image)
    if asked.pages:
        real_pages(asked.pages)


if __name__ == "__main__":
    main()
