"""Forms: right fields cut, wrong forms refused, names read, and how long that takes.

    python tests/bench/forms.py [--forms 60] [--wrong 50] [--model MODEL]

Made forms of 20 designs, filled in by drawn hands that no training saw, photographed with the camera tilted
by up to 20 degrees, with shadow, creases and stamps. A field is right when its quadrilateral and the true one
have 0.7 of their union in common. Wrong forms: other designs, the same layout with other words, blank
sheets, class lists. Names are compared with readings of the same strokes as clean crops. Times are of one
processor thread, medians; decoding is that of the same image's JPEG.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from hwr_edge.errors import ImageError
from hwr_edge.form.align import Aligner
from hwr_edge.form.fields import Cut, FieldCutter
from hwr_edge.form.template import Field, Form
from hwr_edge.image.pixels import Grey
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.page.sheet import Sheet
from made_forms import Design, Filled, design, photograph, photograph_of
from made_pages import Quad, class_list, scanned

_DESIGNS = 20
_RIGHT = 0.7
_FAMILY = 1000
"""Added to a design's number for other words on its layout."""


def form_of(made: Design, number: int) -> Form:
    """The form, its empty image scanned and its fields where they are printed."""
    image = scanned(made.sheet.paper, np.random.default_rng(number))
    fields = tuple(Field(f"field{k}", box) for k, box in enumerate(made.boxes, 1))
    return Form(Path(f"form{number}.toml"), image, fields)


def overlap(one: Quad, other: Quad) -> float:
    """What two quadrilaterals have in common, of their union."""
    a, b = one.astype(np.float32), other.astype(np.float32)
    common, _ = cv2.intersectConvexConvex(a, b)
    return common / max(cv2.contourArea(a) + cv2.contourArea(b) - common, 1e-9)


class Counts:
    """What is counted over all forms."""

    def __init__(self, recognizer: Recognizer) -> None:
        self.recognizer = recognizer
        self.of: Counter[str] = Counter()
        self.times: dict[str, list[float]] = {"decode": [], "align": [], "cut": []}

    def take(
        self, aligner: Aligner, cutter: FieldCutter, image: Grey, filled: tuple[Filled, ...]
    ) -> None:
        """Align, cut and read one form."""
        self.of["forms"] += 1
        self.of["fields"] += len(filled)
        data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
        start = time.process_time()
        grey = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
        decoded = time.process_time()
        try:
            sheet: Sheet | None = aligner.align(grey)
        except ImageError:
            sheet = None
        aligned = time.process_time()
        cuts = cutter.cut(sheet) if sheet else []
        done = time.process_time()
        for name, spent in zip(
            self.times, (decoded - start, aligned - decoded, done - aligned), strict=True
        ):
            self.times[name].append(1000 * spent)
        self.of["aligned"] += sheet is not None
        for cut, truth in zip(cuts, filled, strict=False):
            self._read(cut, truth)
        for truth in filled[len(cuts) :]:
            self.of["names"] += bool(truth.text)
            self.of["clean"] += self._exact(truth)

    def _read(self, cut: Cut, truth: Filled) -> None:
        self.of["right"] += overlap(cut.corners, truth.quad) >= _RIGHT
        text = self.recognizer.read_grey(cut.crop).text
        if truth.clean is None:
            self.of["empty"] += 1
            self.of["read as empty"] += text == ""
            return
        clean = self._exact(truth)
        self.of["names"] += 1
        self.of["exact"] += text == truth.text
        if not truth.stamped:
            self.of["plain names"] += 1
            self.of["plain exact"] += text == truth.text
            self.of["plain clean"] += clean
        self.of["clean"] += clean
        self.of["lost"] += clean and text != truth.text
        self.of["won"] += not clean and text == truth.text

    def _exact(self, truth: Filled) -> bool:
        return truth.clean is not None and (
            self.recognizer.read_grey(truth.clean).text == truth.text
        )


def wrong(number: int, rng: np.random.Generator) -> tuple[str, Grey]:
    """An image of something else than the design of that number."""
    kinds = ("family", "other design", "blank sheet", "class list")
    kind = kinds[rng.choice(4, p=(0.4, 0.3, 0.1, 0.2))]
    which = number % _DESIGNS + 1
    if kind == "family":
        return kind, photograph(design(which, words=_FAMILY + number), rng).image
    if kind == "other design":
        return kind, photograph(design(_DESIGNS + 1 + number), rng).image
    if kind == "blank sheet":
        return kind, photograph_of(np.full((1754, 1240), 255, np.uint8), rng)
    return kind, class_list(rng, 150, rng.uniform(-5, 5)).image


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--forms", type=int, default=60)
    parser.add_argument("--wrong", type=int, default=50)
    parser.add_argument("--model", type=Path)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    counts = Counts(Recognizer(args.model))
    refused: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for which in range(1, _DESIGNS + 1):
        made = design(which)
        form = form_of(made, which)
        aligner, cutter = Aligner(form), FieldCutter(form)
        for number in range(which - 1, args.forms, _DESIGNS):
            filled = photograph(made, np.random.default_rng(7_000 + number))
            counts.take(aligner, cutter, filled.image, filled.filled)
        for number in range(which - 1, args.wrong, _DESIGNS):
            kind, image = wrong(number, np.random.default_rng(9_000 + number))
            tried[kind] += 1
            try:
                aligner.align(image)
                print(f"taken for form {which}: {kind}, number {number}", file=sys.stderr)
            except ImageError:
                refused[kind] += 1
    _print(counts, refused, tried)


def _print(counts: Counts, refused: Counter[str], tried: Counter[str]) -> None:
    of, times = counts.of, {name: float(np.median(t)) for name, t in counts.times.items() if t}
    if of["fields"]:
        print(f"forms aligned          {of['aligned']} of {of['forms']}")
        print(
            f"right fields cut       {of['right']} of {of['fields']} ({of['right'] / of['fields']:.1%})"
        )
        names = max(of["names"], 1)
        print(f"names exact            {of['exact']} of {names} ({of['exact'] / names:.1%})")
        print(f"  as clean crops       {of['clean']} of {names} ({of['clean'] / names:.1%})")
        print(f"  lost, won            {of['lost']}, {of['won']}")
        print(
            f"  without a stamp      {of['plain exact']} of {of['plain names']}, "
            f"as clean crops {of['plain clean']}"
        )
        print(f"empty fields read so   {of['read as empty']} of {of['empty']}")
        print("milliseconds           " + ", ".join(f"{n} {t:.0f}" for n, t in times.items()))
        ratio = (times["align"] + times["cut"]) / times["decode"]
        print(f"align + cut, decoding  {ratio:.1f} times")
    print(f"wrong forms refused    {refused.total()} of {tried.total()}")
    for kind, count in tried.items():
        print(f"  {kind:<20} {refused[kind]} of {count}")


if __name__ == "__main__":
    main()
