"""Write forms as images with their truth: python -m forms_html FOLDER [--count 60] [--filled] [--crops FOLDER]

`--kind list` writes class lists, which need no Chromium.

Each image has a JSON file of its name beside it: {"written": [{"box", "holds", "text"}], "print": [box], "capture",
"dpi"}, boxes in its pixels. `--set learn` takes the font families and the drawn hands that nothing is measured with.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from forms_html import (
    CAPTURES,
    COARSE,
    CropHand,
    DrawnHand,
    EmptyForm,
    Hand,
    Shot,
    capture,
    each_form,
    fill,
    upright,
)
from forms_html.font_folder import only_fonts_of
from hwr_edge.image.pixels import Box
from made_pages import LEARNT_HANDS, UNSEEN_HANDS, Quad, class_list, moved

_LISTS = 20_261_130
"""Seed of class lists."""


def main() -> None:
    """Write the images."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--first", type=int, default=0, help="Seed of the first layout.")
    parser.add_argument(
        "--skip", type=int, nargs="+", default=[], help="Seeds of layouts to leave out."
    )
    parser.add_argument("--shots", type=int, default=1, help="Images of each layout.")
    parser.add_argument("--set", choices=("learn", "measure"), default="measure")
    parser.add_argument(
        "--kind", choices=("form", "dense", "specimen", "oddments", "list"), default="form"
    )
    parser.add_argument(
        "--captures", nargs="+", choices=(*CAPTURES, COARSE), default=[None],
        help="What sees the pages, image after image; any, without.",
    )  # fmt: skip
    parser.add_argument(
        "--fonts", type=Path,
        help="Set print in the families of this folder's font files alone (TTF, OTF, WOFF2).",
    )  # fmt: skip
    parser.add_argument("--filled", action="store_true")
    parser.add_argument(
        "--empty", type=float, nargs="+", default=[0.1],
        help="Part of a filled form's fields that stay empty; of several, image after image.",
    )  # fmt: skip
    parser.add_argument("--crops", type=Path, help="Names in real hands: labels.csv and images/.")
    parser.add_argument("--writers", type=int, nargs=2, help="First and last writer of the crops.")
    parser.add_argument("--cache", type=Path, default=Path("runs/forms-html"))
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    drawn = LEARNT_HANDS if asked.set == "learn" else UNSEEN_HANDS
    hand: Callable[[np.random.Generator], Hand] = partial(DrawnHand, drawn=drawn)
    if asked.crops:
        writers = tuple(asked.writers) if asked.writers else None
        hand = partial(CropHand, asked.crops, writers=writers, drawn=drawn)
    seeds = [s for s in range(asked.first, asked.first + asked.count) if s not in asked.skip]
    if asked.kind == "list":
        for seed in seeds:
            _write_list(asked.folder, seed, drawn)
        return
    cache = asked.cache / asked.fonts.name if asked.fonts else asked.cache
    with only_fonts_of(asked.fonts):
        for form in each_form(seeds, cache, asked.set == "measure", asked.kind):
            for k in range(asked.shots):
                empty = asked.empty[(form.seed + k) % len(asked.empty)] if asked.filled else 1.0
                kind = asked.captures[(form.seed + k) % len(asked.captures)]
                _write(asked.folder, form, k, hand, empty, kind)


def _write(
    folder: Path,
    form: EmptyForm,
    number: int,
    hand: Callable[[np.random.Generator], Hand],
    empty: float,
    kind: str | None,
) -> None:
    rng = np.random.default_rng([form.seed, number])
    filled = fill(form, rng, hand, empty)
    shot = upright(capture(filled.page, rng, kind))
    written = [(one.quad, one.holds, one.text) for one in filled.written]
    _save(folder, f"{form.seed:04d}-{number}", shot, written, form.print_boxes)


def _write_list(folder: Path, seed: int, drawn: int) -> None:
    """A class list; whatever is not written on it is print."""
    rng = np.random.default_rng([_LISTS, seed])
    dpi = rng.uniform(90, 300)
    made = class_list(rng, dpi, rng.uniform(-5, 5), drawn=drawn)
    high, wide = made.image.shape
    quarter = high // 4
    printed = [(0, k * quarter, wide, quarter) for k in range(4)]  # wide, as upright print is
    shot = Shot(made.image, np.eye(3), "list", dpi)
    written = [(one.quad, "name", one.text) for one in made.written]
    _save(folder, f"{seed:04d}", shot, written, printed)


def _save(
    folder: Path,
    name: str,
    shot: Shot,
    written: Sequence[tuple[Quad, str, str]],
    printed: Sequence[Box],
) -> None:
    stem = folder / f"{name}-{shot.kind}"
    truth = {
        "written": [
            {"box": _box(moved(quad, shot.move)), "holds": holds, "text": text}
            for quad, holds, text in written
        ],
        "print": [_box(moved(_corners(box), shot.move)) for box in printed],
        "capture": shot.kind,
        "dpi": round(shot.dpi),
    }
    cv2.imwrite(str(stem.with_suffix(".png")), shot.image)
    stem.with_suffix(".json").write_text(json.dumps(truth), "utf-8")


def _corners(box: Box) -> Quad:
    x, y, w, h = box
    return np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float64)


def _box(quad: Quad) -> list[int]:
    low, high = quad.min(0), quad.max(0)
    return [round(float(v)) for v in (*low, *(high - low))]


if __name__ == "__main__":
    main()
