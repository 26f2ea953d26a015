"""Make the example pages anew: a class list, an empty form, two filled ones; and docs/ images of them read.

    PYTHONPATH=tests python tests/make_example_pages.py

All handwriting is drawn by this project's code.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

import made_forms
from hwr_edge import Recognizer
from hwr_edge.form.new import new_form
from hwr_edge.image.decode import read_grey
from hwr_edge.image.pixels import Grey
from hwr_edge.image.turning import upright
from hwr_edge.scan.annotate import annotate_page
from hwr_edge.scan.scanner import Scanner
from made_pages import class_list

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
FIELDS = "town name street father birthplace profession commune used-name guardian".split()


def write(path: Path, image: Grey) -> None:
    """A JPEG of a scan's usual quality."""
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, 70])
    print(path.relative_to(EXAMPLES.parent))


def show(name: str, scanner: Scanner, image: Grey) -> None:
    """An image of what is read, for the documents."""
    scan = scanner.read(image)
    drawn = annotate_page(upright(image, scan.turn), [reading for _, reading in scan.found])
    size = round(drawn.shape[1] * 900 / drawn.shape[0]), 900
    small = cv2.resize(drawn, size, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(ROOT / "docs" / name), small, [cv2.IMWRITE_JPEG_QUALITY, 70])


def main() -> None:
    """Write them all."""
    reader = Recognizer()
    rng = np.random.default_rng(7)
    page = EXAMPLES / "pages" / "class-list.jpg"
    write(page, class_list(rng, 150, 1.5, 24, "columns").image)
    show("class-list-read.jpg", Scanner(reader), read_grey(page))
    form = made_forms.design(12, dpi=150)
    write(EXAMPLES / "form" / "empty.jpg", form.sheet.paper)
    for k in (1, 2):
        filled = made_forms.photograph(form, np.random.default_rng(k))
        write(EXAMPLES / "form" / f"filled-{k}.jpg", filled.image)
    with TemporaryDirectory() as folder:
        template = Path(folder) / "form.toml"
        new_form(form.sheet.paper, template, FIELDS)
        image = read_grey(EXAMPLES / "form" / "filled-1.jpg")
        show("form-read.jpg", Scanner(reader, form=template), image)


if __name__ == "__main__":
    main()
