"""Make the example pages anew, and the images of them in the documents.

    PYTHONPATH=tests python tests/make_example_pages.py

Chromium prints examples/**/*.html; this project's code draws the handwriting. All names are invented.
Debian: chromium chromium-driver fonts-dejavu-core.
"""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from forms_html import DrawnHand
from forms_html.browser import Typesetter, typesetter
from hwr_edge import Recognizer
from hwr_edge.form.new import new_form
from hwr_edge.image.decode import read_grey
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.image.turning import upright
from hwr_edge.scan.annotate import annotate_page
from hwr_edge.scan.scanner import Scanner
from made_forms import photographed
from made_pages import rotation, scanned, turned

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES, DOCS = ROOT / "examples", ROOT / "docs"
FORMS = (
    ("DUBOIS", "LUCIE", "NANTES", "DUBOIS", "HELENE", "ANGERS"),
    ("ROUX", "THOMAS", "RENNES", "ROUX-MARTIN", "CLAIRE", "ANGERS"),
)
CLASS = (
    "DUBOIS LUCIE", "ROUX MANON", "MARTIN THOMAS", "GIRARD JULES", "LEROY CAMILLE", "MOREL ADAM",
    "FOURNIER LEA", "BONNET HUGO", "LAMBERT INES", "FONTAINE PAUL", "ROUSSEAU EMMA", "BLANC NATHAN",
)  # fmt: skip
_DPI = 150.0


def fill(
    page: Grey, boxes: dict[str, Box], texts: dict[str, str], rng: np.random.Generator
) -> Grey:
    """A page with texts written into its boxes, in one hand."""
    filled, hand = page.copy(), DrawnHand(rng)
    for name, text in texts.items():
        x, y, width, height = boxes[name]
        ink = hand.text(text, 0.5 * height, 0.85 * width)
        left = round(x + rng.uniform(0.04, 0.1) * width)
        top = max(0, round(y + rng.uniform(0.78, 0.86) * height - ink.base))
        there = filled[top : top + ink.image.shape[0], left : left + ink.image.shape[1]]
        np.minimum(there, ink.image[: there.shape[0], : there.shape[1]], out=there)
    return filled


def printed(press: Typesetter, name: str) -> tuple[Grey, dict[str, Box]]:
    """An A5 page and the boxes of its fields."""
    html = (EXAMPLES / name).with_suffix(".html").read_text("utf-8")
    page, found = press.page(html, 148, 210, _DPI)
    x, y, width, height = range(4)
    boxes = {f["name"]: f["box"] for f in found["fields"]}
    return page, {k: (b[x], b[y], b[width], b[height]) for k, b in boxes.items()}


def as_scan(page: Grey, rng: np.random.Generator, skew: float) -> Grey:
    """A page as a flatbed gives it, askew by so many degrees."""
    return scanned(turned(page, rotation(page.shape, skew)), rng)


def write(name: str, image: Grey) -> Path:
    """A JPEG of a scan's usual quality."""
    path = (EXAMPLES / name).with_suffix(".jpg")
    cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, 70])
    print(path.relative_to(ROOT))
    return path


def make_list(press: Typesetter, reader: Recognizer) -> None:
    """The class list, and what is read on it."""
    page, boxes = printed(press, "pages/class-list")
    parts = [part for name in CLASS for part in name.split()]
    rng, filled = np.random.default_rng(18), page
    for row in range(0, len(parts), 2):
        cells = dict(zip(list(boxes)[row : row + 2], parts[row : row + 2], strict=True))
        filled = fill(filled, boxes, cells, rng)
    path = write("pages/class-list", as_scan(filled, rng, 0.8))
    scan = Scanner(reader).read(read_grey(path))
    drawn = annotate_page(
        upright(read_grey(path), scan.turn), [reading for _, reading in scan.found]
    )
    small = cv2.resize(drawn, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(DOCS / "class-list-read.jpg"), small, [cv2.IMWRITE_JPEG_QUALITY, 75])


def make_forms(press: Typesetter, reader: Recognizer) -> None:
    """The empty form, two filled ones, and an image of one beside the table of it."""
    page, boxes = printed(press, "form/empty")
    write("form/empty", scanned(page, np.random.default_rng(1)))
    for k, texts in enumerate(FORMS, 1):
        rng = np.random.default_rng(43 + k)
        filled = fill(page, boxes, dict(zip(boxes, texts, strict=True)), rng)
        image = photographed(filled, rng, 8)[0] if k == 1 else as_scan(filled, rng, -0.7)
        write(f"form/filled-{k}", image)
    with TemporaryDirectory() as folder:
        template = Path(folder) / "form.toml"
        new_form(read_grey(EXAMPLES / "form" / "empty.jpg"), template, list(boxes))
        show(press, Scanner(reader, form=template))


_PAGE = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: #fff; font: 13pt "DejaVu Sans" }
#page { display: flex; gap: 6mm; align-items: center; padding: 2mm }
img { height: 116mm } td, th { padding: 1.6mm 4mm; text-align: left; border-bottom: 1px solid #bbb }
table { border-collapse: collapse } td:nth-child(2) { font-family: "DejaVu Sans Mono"; font-weight: bold }
</style><div id="page"><img src="data:image/jpeg;base64,%s"><div id="body"><table>
<tr><th>field</th><th>text</th><th>confidence</th></tr>%s</table></div></div>"""


def show(press: Typesetter, scanner: Scanner) -> None:
    """The first filled form beside its rows."""
    image = read_grey(EXAMPLES / "form" / "filled-1.jpg")
    scan = scanner.read(image)
    rows = "".join(
        f"<tr><td>{name}<td>{reading.text}<td>{reading.confidence:.2f}"
        for name, reading in scan.found
    )
    shown = cv2.imencode(".jpg", image)[1].tobytes()
    picture = press.page(_PAGE % (b64encode(shown).decode(), rows), 236, 121, 96)[0]
    cv2.imwrite(str(DOCS / "form-read.png"), picture)


def main() -> None:
    """Write them all."""
    reader = Recognizer()
    with typesetter() as press:
        make_list(press, reader)
        make_forms(press, reader)


if __name__ == "__main__":
    main()
