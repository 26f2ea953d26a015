"""Make the example pages anew: a class list, an empty form, and two filled ones.

    PYTHONPATH=tests python tests/make_example_pages.py

All handwriting is drawn by this project's code.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

import made_forms
from hwr_edge.preprocess import Grey
from made_pages import class_list

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def write(path: Path, picture: Grey) -> None:
    """A JPEG of a scan's usual quality."""
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, 70])
    print(path.relative_to(EXAMPLES.parent))


def main() -> None:
    """Write them all."""
    rng = np.random.default_rng(7)
    write(EXAMPLES / "pages" / "class-list.jpg", class_list(rng, 150, 1.5, 24, "columns").picture)
    form = made_forms.design(12, dpi=150)
    write(EXAMPLES / "form" / "empty.jpg", form.sheet.paper)
    for k in (1, 2):
        filled = made_forms.photograph(form, np.random.default_rng(k))
        write(EXAMPLES / "form" / f"filled-{k}.jpg", filled.picture)


if __name__ == "__main__":
    main()
