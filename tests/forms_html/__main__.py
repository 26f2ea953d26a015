"""Write forms as images with their truth: python -m forms_html FOLDER [--count 60] [--filled] [--crops FOLDER]

Each image has a JSON file of its name beside it: {"written": [{"box", "holds", "text"}], "print": [box], "capture",
"dpi"}, boxes in its pixels. `--set learn` takes the font families that nothing is measured with.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from forms_html import CropHand, DrawnHand, EmptyForm, Hand, capture, each_form, fill, upright
from made_pages import moved


def main() -> None:
    """Write the images."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--first", type=int, default=0, help="Seed of the first layout.")
    parser.add_argument("--shots", type=int, default=1, help="Images of each layout.")
    parser.add_argument("--set", choices=("learn", "measure"), default="measure")
    parser.add_argument("--kind", choices=("form", "specimen", "oddments"), default="form")
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
    hand: Callable[[np.random.Generator], Hand] = DrawnHand
    if asked.crops:
        writers = tuple(asked.writers) if asked.writers else None
        hand = partial(CropHand, asked.crops, writers=writers)
    seeds = range(asked.first, asked.first + asked.count)
    for form in each_form(seeds, asked.cache, asked.set == "measure", asked.kind):
        for k in range(asked.shots):
            empty = asked.empty[(form.seed + k) % len(asked.empty)] if asked.filled else 1.0
            _write(asked.folder, form, k, hand, empty)


def _write(
    folder: Path,
    form: EmptyForm,
    number: int,
    hand: Callable[[np.random.Generator], Hand],
    empty: float,
) -> None:
    rng = np.random.default_rng([form.seed, number])
    filled = fill(form, rng, hand, empty)
    shot = upright(capture(filled.page, rng))
    stem = folder / f"{form.seed:04d}-{number}-{shot.kind}"
    truth = {
        "written": [
            {"box": _box(moved(one.quad, shot.move)), "holds": one.holds, "text": one.text}
            for one in filled.written
        ],
        "print": [_box(moved(_corners(box), shot.move)) for box in form.print_boxes],
        "capture": shot.kind,
        "dpi": round(shot.dpi),
    }
    cv2.imwrite(str(stem.with_suffix(".png")), shot.image)
    stem.with_suffix(".json").write_text(json.dumps(truth), "utf-8")


def _corners(box: tuple[int, int, int, int]) -> NDArray[np.float64]:
    x, y, w, h = box
    return np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float64)


def _box(quad: NDArray[np.float64]) -> list[int]:
    low, high = quad.min(0), quad.max(0)
    return [round(float(v)) for v in (*low, *(high - low))]


if __name__ == "__main__":
    main()
