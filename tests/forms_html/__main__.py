"""Write forms as images with their truth: python -m forms_html FOLDER [--count 60] [--filled] [--crops FOLDER]

Each image has a JSON file of its name beside it: {"written": [{"box", "holds", "text"}], "capture", "dpi"}, boxes
in its pixels; all else on it is print. `--set learn` takes the font families that nothing is measured with.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from forms_html import CropHand, DrawnHand, Hand, capture, empty_forms, fill
from made_pages import moved


def main() -> None:
    """Write the images."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--first", type=int, default=0, help="Seed of the first layout.")
    parser.add_argument("--shots", type=int, default=1, help="Images of each layout.")
    parser.add_argument("--set", choices=("learn", "measure"), default="measure")
    parser.add_argument("--filled", action="store_true")
    parser.add_argument("--crops", type=Path, help="Names in real hands: labels.csv and images/.")
    parser.add_argument("--cache", type=Path, default=Path("runs/forms-html"))
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    hand: Callable[[np.random.Generator], Hand] = DrawnHand
    if asked.crops:
        hand = partial(CropHand, asked.crops)
    forms = empty_forms(asked.count, asked.first, asked.cache, asked.set == "measure")
    for form in forms:
        for k in range(asked.shots):
            rng = np.random.default_rng([form.seed, k])
            filled = fill(form, rng, hand, 0.1 if asked.filled else 1.0)
            shot = capture(filled.page, rng)
            written = []
            for one in filled.written:
                quad = moved(one.quad, shot.move)
                low, high = quad.min(0), quad.max(0)
                box = [round(float(v)) for v in (*low, *(high - low))]
                written.append({"box": box, "holds": one.holds, "text": one.text})
            stem = asked.folder / f"{form.seed:04d}-{k}-{shot.kind}"
            cv2.imwrite(str(stem.with_suffix(".png")), shot.image)
            truth = {"written": written, "capture": shot.kind, "dpi": round(shot.dpi)}
            stem.with_suffix(".json").write_text(json.dumps(truth), "utf-8")


if __name__ == "__main__":
    main()
