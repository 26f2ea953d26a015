"""Believable forms in page mode: rows on empty ones, names found and read on filled ones.

    PYTHONPATH=tests python -m bench.print_on_forms [--forms 60] [--shots 3] [--filled 40] [--crops FOLDER]

Forms are set by Chromium in font families that no training saw (`forms_html`), scanned in grey, in two tones,
faxed, copied and photographed. Filled ones are written in drawn hands that no training drew, or with the crops
of a folder (labels.csv with WRITER, images/), `--writers FIRST LAST` of it. A name is found where one reading's box
holds its middle. It is compared with the same ink as a clean crop, and as one that the same machine scanned, faxed or
photographed on blank paper. Names in comb rows are counted apart.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from forms_html import (
    CAPTURES,
    CropHand,
    DrawnHand,
    EmptyForm,
    FilledForm,
    Hand,
    Shot,
    Written,
    capture,
    each_form,
    fill,
)
from hwr_edge import Recognizer
from hwr_edge.errors import ImageError
from hwr_edge.image.ink import flatten_light
from hwr_edge.image.pixels import PAPER, Grey
from hwr_edge.image.turning import turned_box
from hwr_edge.line.charset import fold
from hwr_edge.line.reading import Reading
from hwr_edge.page.locate import padded
from hwr_edge.page.reader import PageReading, read_page
from hwr_edge.scan.comb_rows import with_comb_rows
from made_pages import Quad, moved

_SEED = 20_261_130
_SURE = (0.5, 0.9)
_ROOM = 0.2  # heights of paper around a crop


def empty(reader: Recognizer, seeds: range, shots: int, cache: Path, show: bool) -> None:
    """Rows on forms that nobody filled in."""
    rows: Counter[str] = Counter()
    by_kind: Counter[str] = Counter()
    images = clean = 0
    for form in each_form(seeds, cache):
        for k in range(shots):
            kind = CAPTURES[(form.seed + k * 2) % len(CAPTURES)]
            rng = np.random.default_rng([_SEED, form.seed, k])
            found = _read(reader, capture(form.page, rng, kind)).readings
            images, clean = images + 1, clean + (not found)
            rows["all"] += len(found)
            by_kind[kind] += len(found)
            for least in _SURE:
                rows[f"of {least} and more"] += sum(r.confidence >= least for r in found)
            if show and found:
                print(form.seed, kind, [(r.text, round(r.confidence, 2)) for r in found])
    parts = ", ".join(f"{name} {n / images:.2f}" for name, n in rows.items())
    print(
        f"empty believable forms, {len(seeds)} layouts, {images} images: rows a form: {parts}; "
        f"{clean / images:.0%} without a row; rows by image: {dict(by_kind)}"
    )


def filled(
    reader: Recognizer, seeds: range, cache: Path, hand: Callable[[np.random.Generator], Hand]
) -> None:
    """Names on forms that one hand filled in."""
    counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    others = pages = 0
    for form in each_form(seeds, cache):
        made, shot = _made(form, hand)
        blank = replace(form, page=np.full_like(form.page, PAPER))
        alone = _made(blank, hand)[1].image  # the same ink, seen likewise
        read = _read(reader, shot)
        pages += 1
        taken: set[int] = set()
        for one in made.written:
            here = _at(one, shot, read)
            taken |= {id(r) for r in here}
            if one.holds == "name":
                seen = _cut(alone, moved(one.quad, shot.move))
                _count(counts[one.field.kind == "comb"], one, seen, here, reader)
        others += sum(id(r) not in taken for r in read.readings)
    for comb, of in counts.items():
        if of["names"]:
            where = "in comb rows" if comb else "in boxes, on lines, in tables"
            print(
                f"names on {pages} filled believable forms, {where}: found {of['found'] / of['names']:.1%} of "
                f"{of['names']}; right of those found {of['right'] / max(of['found'], 1):.1%}, as crops that the same "
                f"machine saw {of['seen'] / max(of['found'], 1):.1%}, as clean crops {of['clean'] / max(of['found'], 1):.1%}"
            )
    digits = counts[False]["digits"]
    print(
        f"readings that are no name: {others / pages:.2f} a form{f', {digits}' if digits else ''}"
    )


def _made(form: EmptyForm, hand: Callable[[np.random.Generator], Hand]) -> tuple[FilledForm, Shot]:
    """A form filled in and seen by some machine; with the same ink and noise for any page of its seed and size."""
    rng = np.random.default_rng([_SEED, 1, form.seed])
    made = fill(form, rng, hand)
    return made, capture(made.page, rng, CAPTURES[form.seed % len(CAPTURES)])


def _cut(image: Grey, quad: Quad) -> Grey:
    """What stands between four corners, uint8 (H, W), upright, with paper around."""
    wide, high = (np.hypot(*(quad[k] - quad[k - 1])) for k in (1, 2))
    room = _ROOM * high
    flat = np.array([[0, 0], [wide, 0], [wide, high], [0, high]]) + room
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), flat.astype(np.float32))
    size = round(wide + 2 * room), round(high + 2 * room)
    cut = cv2.warpPerspective(image, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return padded(flatten_light(np.asarray(cut, np.uint8)))


def _count(
    of: Counter[str], one: Written, seen: Grey, here: list[Reading], reader: Recognizer
) -> None:
    of["names"] += 1
    if here:
        truth = fold(one.text)
        of["found"] += 1
        of["right"] += any(r.text == truth for r in here)
        of["clean"] += reader.read_grey(one.clean).text == truth
        of["seen"] += reader.read_grey(seen).text == truth


def _at(one: Written, shot: Shot, read: PageReading) -> list[Reading]:
    """The readings whose box holds the middle of what is written."""
    x, y = moved(one.quad, shot.move).mean(0)
    at = turned_box((round(float(x)), round(float(y)), 0, 0), read.turn, shot.image.shape)
    return [
        r
        for r in read.readings
        if r.box[0] <= at[0] <= r.box[0] + r.box[2] and r.box[1] <= at[1] <= r.box[1] + r.box[3]
    ]


def _read(reader: Recognizer, shot: Shot) -> PageReading:
    """As `hwr-edge file` reads a page."""
    try:
        page = read_page(reader, shot.image)
        return with_comb_rows(reader, shot.image, page, shot.kind)
    except ImageError:  # more marks than a page has lines, or no paper: no row either
        return PageReading(0, ())


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--forms", type=int, default=60)
    parser.add_argument("--first", type=int, default=0, help="Seed of the first layout.")
    parser.add_argument("--shots", type=int, default=3, help="Images of each empty form.")
    parser.add_argument("--filled", type=int, default=40)
    parser.add_argument("--crops", type=Path, help="Names in real hands: labels.csv and images/.")
    parser.add_argument("--writers", type=int, nargs=2, help="First and last writer of the crops.")
    parser.add_argument("--cache", type=Path, default=Path("runs/forms-html"))
    parser.add_argument("--show", action="store_true", help="What was read on empty forms.")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    reader = Recognizer()
    first = asked.first
    if asked.forms:
        empty(reader, range(first, first + asked.forms), asked.shots, asked.cache, asked.show)
    hand: Callable[[np.random.Generator], Hand] = DrawnHand
    if asked.crops:
        writers = tuple(asked.writers) if asked.writers else None
        hand = partial(CropHand, asked.crops, writers=writers)
    if asked.filled:
        filled(reader, range(first, first + asked.filled), asked.cache, hand)


if __name__ == "__main__":
    main()
