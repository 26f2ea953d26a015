"""Pages of handwriting alone: real crops, made strokes, and handwriting fonts, letters and digits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from hwr_edge.errors import ImageError
from hwr_edge.image.decode import read_grey
from hwr_edge.image.ink import flatten_light
from hwr_edge.image.pixels import PAPER, Box, Grey
from hwr_edge.line.charset import fold
from hwr_edge.line.metrics import edit_distance
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.page.line_kinds import Kind, windows_of
from hwr_edge.page.locate import find_lines
from hwr_train.line_kinds.windows import Windows, joined, windows_made
from hwr_train.synthetic.fields import FieldGenerator
from hwr_train.synthetic.font_line import write_in_font
from hwr_train.synthetic.fonts import Font
from hwr_train.synthetic.stroke_line import write_line
from hwr_train.synthetic.two_tone import copied, two_tone

_WIDTH, _HEIGHT = 1240, 1754  # pixels of a page: A4 at 150 dpi
_EACH = 20  # crops or lines on a page
_COARSE = 0.3, 0.7  # of a page's size, as a coarse scanner sees it
_NEAR = 0.34  # of a label's letters: a crop's line that is read so far off is print, or another's


def of_crops(
    rows: Sequence[tuple[Path, str]], rng: np.random.Generator, reader: Recognizer | None
) -> Windows:
    """Windows of real crops put on pages.

    rows: images with their labels.
    reader: for crops that hold print too: a line must be read about as its label. None for crops of
        handwriting alone.
    """
    done = []
    for first in range(0, len(rows), _EACH):
        page, places = _page_of(rows[first : first + _EACH], rng)
        seen, part = _seen(page, rng)
        done.append(_written_lines(seen, [(_scaled(b, part), t) for b, t in places], reader))
    return joined(done)


def _page_of(
    rows: Sequence[tuple[Path, str]], rng: np.random.Generator
) -> tuple[Grey, list[tuple[Box, str]]]:
    size = rng.uniform(1.0, 2.2)
    page: Grey = np.full((_HEIGHT * 2, _WIDTH), PAPER, np.uint8)
    y, places = 40, []
    for path, text in rows:
        try:
            crop = flatten_light(read_grey(path))
        except ImageError:
            continue
        part = min(size, (_WIDTH - 80) / crop.shape[1])
        large = cv2.resize(crop, None, fx=part, fy=part, interpolation=cv2.INTER_CUBIC)
        x = int(rng.integers(20, max(21, _WIDTH - large.shape[1] - 20)))
        if y + large.shape[0] > page.shape[0] - 20:
            break
        page[y : y + large.shape[0], x : x + large.shape[1]] = large
        places.append(((x, y, large.shape[1], large.shape[0]), text))
        y += large.shape[0] + 30
    return page[: y + 20], places


def _written_lines(
    page: Grey, places: Sequence[tuple[Box, str]], reader: Recognizer | None
) -> Windows:
    """Of lines that hold most of the ink of a place, and are read as its label where that is asked."""
    images, kinds, lines = [], [], []
    for k, line in enumerate(find_lines(page)):
        _, y, width, height = line.box
        here = [(b, t) for b, t in places if b[1] < y + height / 2 < b[1] + b[3]]
        if not here or width < 0.12 * here[0][0][2]:
            continue
        windows, _ = windows_of(line.crop)
        if reader and not _is_read(reader.read_grey(line.crop).text, here[0][1]):
            continue
        letters = any(c.isalpha() for c in here[0][1])
        images += list(windows)
        kinds += [Kind.HANDWRITING if letters else Kind.DIGITS] * len(windows)
        lines += [k] * len(windows)
    return windows_made(images, kinds, lines)


def _is_read(read: str, label: str) -> bool:
    label = fold(label)
    return edit_distance(read, label) <= _NEAR * max(len(label), 1)


def of_made(maker: FieldGenerator, count: int, rng: np.random.Generator) -> Windows:
    """Windows of so many made lines: two in three are names, in strokes or in fonts, one is digits in a font."""
    done = []
    for _ in range(0, count, _EACH):
        page: Grey = np.full((_HEIGHT, _WIDTH), PAPER, np.uint8)
        kinds = [_write(page, maker, 60 + k * (_HEIGHT - 100) / _EACH, rng) for k in range(_EACH)]
        images, of, lines = [], [], []
        seen, part = _seen(page, rng)
        for k, line in enumerate(find_lines(seen)):
            middle = (line.box[1] + line.box[3] / 2) / part
            row = int((middle - 15) / ((_HEIGHT - 100) / _EACH))
            windows, _ = windows_of(line.crop)
            if row < _EACH:
                images += list(windows)
                of += [kinds[row]] * len(windows)
                lines += [k] * len(windows)
        done.append(windows_made(images, of, lines))
    return joined(done)


def of_plotted(count: int, rng: np.random.Generator) -> Windows:
    """Windows of so many lines of print in the strokes of plotters and screens: Hershey's letters."""
    words = "NOM PRENOM Fiche Classe Inscription date of birth Nachname Liste des Signature page No 12 2026".split()
    done = []
    for _ in range(0, count, _EACH):
        page: Grey = np.full((_HEIGHT, _WIDTH), PAPER, np.uint8)
        for k in range(_EACH):
            text = " ".join(rng.choice(words, int(rng.integers(1, 5))))
            text = text.upper() if rng.random() < 0.4 else text
            at = int(rng.integers(20, 300)), round(80 + k * (_HEIGHT - 100) / _EACH)
            size, thick = rng.uniform(0.7, 1.7), int(rng.integers(1, 4))
            cv2.putText(page, text, at, int(rng.integers(0, 5)), size, 0, thick, cv2.LINE_AA)
        seen, _ = _seen(page, rng)
        parts = [(k, windows_of(line.crop)[0]) for k, line in enumerate(find_lines(seen))]
        images = [window for _, windows in parts for window in windows]
        lines = [k for k, windows in parts for _ in windows]
        done.append(windows_made(images, [Kind.PRINT] * len(images), lines))
    return joined(done)


def _write(page: Grey, maker: FieldGenerator, base: float, rng: np.random.Generator) -> Kind:
    """One line on its own level of a page."""
    cap, left = rng.uniform(18, 42), rng.uniform(30, 300)
    band = page[max(0, round(base - 55)) : round(base + 25)]
    base = base - max(0, round(base - 55))
    shade = int(rng.integers(0, 120))
    field: Grey = np.full(band.shape, PAPER, np.uint8)
    font = maker.fonts[int(rng.integers(len(maker.fonts)))] if maker.fonts else None
    kind = Kind.HANDWRITING
    if font is not None and rng.random() < 0.33 and _has_digits(font):
        _run(field, font, _digits(rng), left, base, cap)
        kind = Kind.DIGITS
    else:
        text = maker.names.draw(rng)
        hand = maker.writers[int(rng.integers(len(maker.writers)))]
        spare = maker.drawn[int(rng.integers(len(maker.drawn)))]
        written = font is not None and font.writes(text) and rng.random() < 0.6
        line = (
            write_in_font(text, font, rng)
            if written and font
            else write_line(text, hand, spare, rng)
        )
        most = (_WIDTH - left - 20) / max(line.length, 1e-9)
        line.put(field, left, base, min(cap, most), rng)
    ink = PAPER - (PAPER - field.astype(np.float32)) * (PAPER - shade) / PAPER
    np.minimum(band, ink.astype(np.uint8), out=band)
    return kind


def _run(field: Grey, font: Font, text: str, left: float, base: float, cap: float) -> None:
    ink = font.ink(text)
    scale = cap / 32
    small = cv2.resize(ink.mask, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    top = max(0, round(base + ink.top * scale))
    there = field[top : top + small.shape[0], round(left) : round(left) + small.shape[1]]
    np.minimum(there, PAPER - small[: there.shape[0], : there.shape[1]], out=there)


def _has_digits(font: Font) -> bool:
    """Whether all ten are there: what stands for a missing one is the same for each."""
    return len({font.ink(digit).mask.tobytes() for digit in "0123456789"}) == 10


def _digits(rng: np.random.Generator) -> str:
    """A postcode, a date, a telephone number, a mark."""
    day, month, year = rng.integers(1, 29), rng.integers(1, 13), rng.integers(1930, 2031)
    some = (
        f"{rng.integers(10000, 99999)}", f"{day}/{month}/{year}", f"{day:02d}.{month:02d}.{year}",
        " ".join(f"{k:02d}" for k in rng.integers(100, size=5)), f"{rng.integers(10, 100)}",
        f"{rng.integers(0, 21)}/20", f"{rng.integers(10**6, 10**9)}", f"{year}",
    )  # fmt: skip
    return some[int(rng.integers(len(some)))]


def _scaled(box: Box, part: float) -> Box:
    x, y, width, height = (round(side * part) for side in box)
    return x, y, width, height


def _seen(page: Grey, rng: np.random.Generator) -> tuple[Grey, float]:
    """The page as some scanner leaves it, often a coarse one, and its size by that of the page."""
    how = rng.random()
    if how < 0.2:
        return two_tone(page, rng, 200), 1.0
    if how < 0.35:
        return copied(page, rng, 200), 1.0
    part = rng.uniform(*_COARSE) if how < 0.7 else 1.0
    small = cv2.resize(page, None, fx=part, fy=part, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), rng.uniform(0.3, 1.2) * part**0.5).astype(np.float32)
    soft = soft * rng.uniform(0.85, 1.0) + rng.standard_normal(small.shape, dtype=np.float32) * 3
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(50, 96))]
    packed = cv2.imencode(".jpg", np.clip(soft, 0, 255).astype(np.uint8), quality)[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8), part


def some_of(
    rows: Sequence[tuple[Path, str]], most: int, rng: np.random.Generator
) -> Iterator[tuple[Path, str]]:
    """At most so many, at random."""
    for k in rng.permutation(len(rows))[:most]:
        yield rows[int(k)]
