"""Made forms: empty and filled in by hand, scanned or photographed, with the truth of each field.

A design is drawn at random from a seed: its layout from one, its words from another, so that a family of
forms can share a layout. Sizes on paper are millimetres, those in images pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import Box, Grey
from made_pages import Quad, Sheet, moved, names, new_pen, rotation, scanned, turned

KINDS = ("box", "comb", "ruled", "dotted", "table")
"""What a field is printed as; each form has one that most of its fields are."""

_TITLES = (
    "Fiche d'inscription", "Autorisation de sortie", "Registration form", "Demande de bourse",
    "Sports club membership", "Dossier médical", "Library card", "Cantine scolaire",
)  # fmt: skip
_LABELS = (
    "Nom", "Prénom", "Surname", "First name", "Né(e) à", "Ville", "Commune", "Parent",
    "Responsable légal", "Mother's name", "Father's name", "Teacher", "École", "Contact",
    "Nom de jeune fille", "Médecin traitant", "Street", "Profession", "Nationality", "Signature of",
    "Emergency contact", "Tuteur", "Lieu de naissance", "Nom d'usage", "Town", "Country",
)  # fmt: skip
_WORDS = "please fill in with a black pen merci de remplir en lettres capitales and return it to the office before the end of term à rendre avant la fin du mois signature obligatoire page one of two".split()
_CREASE, _STAMP = 0.5, 0.4  # of the forms have one


@dataclass(frozen=True)
class Place:
    """Where a name goes; mm. `cells` of a comb, 0 elsewhere."""

    x: float
    y: float
    width: float
    height: float
    cells: int = 0


@dataclass
class Design:
    """An empty form: the sheet that it is printed on, and its fields, in reading order."""

    sheet: Sheet
    places: list[Place] = field(default_factory=list)

    @property
    def boxes(self) -> list[Box]:
        """The fields in pixels of the sheet."""
        scale = self.sheet.scale
        return [
            (
                round(p.x * scale),
                round(p.y * scale),
                round(p.width * scale),
                round(p.height * scale),
            )
            for p in self.places
        ]


@dataclass(frozen=True)
class Filled:
    """A name in a field.

    text: "" where the field was left empty.
    stamped: whether a stamp is on or near it.
    quad: the field's corners in the image, float (4, 2), from the upper left clockwise.
    clean: the same strokes alone, as a crop in the published layout; None for an empty field.
    """

    text: str
    quad: Quad
    clean: Grey | None
    stamped: bool = False


@dataclass(frozen=True)
class MadeForm:
    """An image, uint8 (H, W), and what is in its fields."""

    image: Grey
    filled: tuple[Filled, ...]


def design(layout: int, words: int | None = None, dpi: float = 200) -> Design:
    """An empty form; the same layout with other words is another form of the family."""
    rng, texts = np.random.default_rng(layout), np.random.default_rng(words or layout)
    wide, high = [(210.0, 297.0), (148.0, 210.0), (210.0, 148.0)][rng.integers(3)]
    form = Design(Sheet(dpi, wide, high))
    y = _print_head(form, wide, rng, texts)
    usual = KINDS[layout % len(KINDS)]
    labels = list(texts.permutation(np.array(_LABELS)))
    pitch, font = rng.uniform(11, 16), int(rng.integers(4))
    while y + pitch < high - 12 and len(form.places) < 14:
        pick = rng.random()
        if pick < 0.12:
            _print_ticks(form, y + 0.7 * pitch, texts)
        elif pick < 0.2:
            _print_words(form, 15, y + 4, wide - 30, texts, 2)
        elif usual == "table" and high - 12 - y > 4 * 9 and not form.places:
            y = _print_table(form, y, wide, rng, labels, font)
        else:
            kind = usual if usual != "table" and rng.random() < 0.8 else KINDS[rng.integers(4)]
            _print_row(form, kind, y, pitch, wide, rng, labels, font)
        y += pitch
    return form


def _print_head(
    form: Design, wide: float, rng: np.random.Generator, texts: np.random.Generator
) -> float:
    sheet = form.sheet
    left = rng.random() < 0.5
    x, r = (22.0 if left else wide - 22), rng.uniform(5, 8)
    at = round(x * sheet.scale), round(14 * sheet.scale)
    corners = int(rng.integers(3, 8))
    around = np.arange(corners) * 2 * np.pi / corners + rng.uniform(0, 6)
    star = np.stack([np.cos(around), np.sin(around)], 1) * r * 0.7 * sheet.scale + at
    cv2.circle(sheet.paper, at, round(r * sheet.scale), 60, max(1, round(0.5 * sheet.scale)))
    cv2.fillPoly(sheet.paper, [np.round(star).astype(np.int32)], 110)
    title = _TITLES[texts.integers(len(_TITLES))]
    sheet.type(title, 34 if left else 15, 16, rng.uniform(3.2, 4.6), int(rng.integers(4)))
    _print_words(form, 34 if left else 15, 22, wide - 60, texts, int(rng.integers(1, 3)))
    return 32.0


def _print_words(
    form: Design, x: float, y: float, wide: float, texts: np.random.Generator, lines: int
) -> None:
    for k in range(lines):
        said = " ".join(texts.choice(_WORDS, max(3, int(wide / 14))))
        form.sheet.type(said.capitalize(), x, y + 4 * k, 1.7)


def _print_ticks(form: Design, y: float, texts: np.random.Generator) -> None:
    """A row of boxes to tick, which are no fields."""
    x = 15.0
    for word in texts.choice(["oui", "non", "yes", "no", "garçon", "fille", "CM1", "CM2"], 3):
        for ends in ((0, 0, 3, 0), (3, 0, 3, 3), (3, 3, 0, 3), (0, 3, 0, 0)):
            form.sheet.rule(x + ends[0], y - ends[1], x + ends[2], y - ends[3], 0.3, 40)
        x += 5 + form.sheet.type(str(word), x + 4.5, y, 2.2) + 8


def _print_row(
    form: Design,
    kind: str,
    y: float,
    pitch: float,
    wide: float,
    rng: np.random.Generator,
    labels: list[Any],
    font: int,
) -> None:
    """One field with its label in front, or two side by side."""
    count = 1 if kind == "comb" or wide < 160 or rng.random() < 0.6 else 2
    part = (wide - 30) / count
    for k in range(count):
        if not labels:
            return
        x = 15 + k * part
        size = 2.4 if count == 1 else 2.0
        room = 0.42 * part if count == 1 else 0.36 * part
        word = str(labels.pop())
        while len(word) * size * 0.95 > room:
            word = word[:-1]
        form.sheet.type(f"{word} :", x, y + 0.68 * pitch, size, font)
        place = Place(x + room + 3, y + 0.12 * pitch, part - room - 6, 0.76 * pitch)
        form.places.append(_print_field(form.sheet, kind, place, rng))


def _print_field(sheet: Sheet, kind: str, p: Place, rng: np.random.Generator) -> Place:
    shade, thick = int(rng.integers(20, 150)), rng.uniform(0.15, 0.45)
    low = p.y + p.height
    if kind == "ruled":
        sheet.rule(p.x, low - 0.18 * p.height, p.x + p.width, low - 0.18 * p.height, thick, shade)
    elif kind == "dotted":
        sheet.dots(p.x, p.x + p.width, low - 0.18 * p.height, shade)
    else:
        _print_box(sheet, p, thick, shade)
    if kind != "comb":
        return p
    cells = round(p.width / (0.7 * p.height))
    from_top = 0.0 if rng.random() < 0.5 else 0.65  # whole cells, or ticks
    for k in range(1, cells):
        x = p.x + k * p.width / cells
        sheet.rule(x, p.y + from_top * p.height, x, low, thick, shade)
    return Place(p.x, p.y, p.width, p.height, cells)


def _print_box(sheet: Sheet, p: Place, thick: float, shade: int) -> None:
    x1, y1 = p.x + p.width, p.y + p.height
    for ends in ((p.x, p.y, x1, p.y), (x1, p.y, x1, y1), (x1, y1, p.x, y1), (p.x, y1, p.x, p.y)):
        sheet.rule(*ends, thick, shade)


def _print_table(
    form: Design, y: float, wide: float, rng: np.random.Generator, labels: list[Any], font: int
) -> float:
    """Columns with printed headings; the cells below them are fields. The lower edge, mm."""
    columns, rows, high = int(rng.integers(2, 4)), int(rng.integers(2, 4)), rng.uniform(8.5, 10)
    each, shade = (wide - 30) / columns, int(rng.integers(20, 120))
    for row in range(rows + 1):
        for k in range(columns):
            cell = Place(15 + k * each, y + row * high, each, high)
            _print_box(form.sheet, cell, 0.3, shade)
            if row:
                form.places.append(cell)
            else:
                word = str(labels.pop())[: int(each / 2.6)]
                form.sheet.type(word, cell.x + 2, y + 0.65 * high, 2.3, font)
    return y + (rows + 1) * high


def fill(
    form: Design, rng: np.random.Generator, empty: float = 0.1
) -> tuple[Grey, list[tuple[str, Grey | None]]]:
    """The form's paper with names written in its fields, and each name with its clean crop."""
    paper, scale = form.sheet.paper.copy(), form.sheet.scale
    written: list[tuple[str, Grey | None]] = []
    pen, shade = new_pen(rng), int(rng.integers(10, 110))
    for place in form.places:
        if rng.random() < empty:
            written.append(("", None))
            continue
        text = names().draw(rng)
        if place.cells:
            text = text[: place.cells]
        strokes, cap = _name_in(place, text, pen, rng)
        _draw(paper, [s * scale for s in strokes], pen.width * scale, shade)
        written.append((text, _clean(strokes, cap, pen.width, scale, shade)))
    return paper, written


def _name_in(
    place: Place, text: str, pen: Any, rng: np.random.Generator
) -> tuple[list[NDArray[np.float64]], float]:
    """A name's strokes on the paper, mm, and how high its capitals are."""
    if place.cells:
        each, strokes = place.width / place.cells, []
        cap = min(0.6 * place.height, 0.95 * each)
        for k, letter in enumerate(text):
            shape, drawn = pen.line(letter)
            small = cap * min(1.0, 0.85 * each / max(drawn * cap, 1e-9))
            x = place.x + (k + 0.5) * each - drawn * small / 2
            y = place.y + 0.82 * place.height - small
            strokes += [s * small + (x, y) for s in shape]
        return strokes, cap
    shape, drawn = pen.line(text)
    x = place.x + rng.uniform(1, 4)
    cap = min(rng.uniform(0.45, 0.66) * place.height, (place.width - 5) / max(drawn, 1e-9))
    y = place.y + rng.uniform(0.76, 0.86) * place.height - cap
    return [s * cap + (x, y) for s in shape], cap


def _draw(paper: Grey, points: Sequence[NDArray[np.float64]], width: float, shade: int) -> None:
    ink: Grey = np.full(paper.shape, 255, np.uint8)
    for stroke in points:
        at = np.round(stroke * 16).astype(np.int32)
        cv2.polylines(ink, [at], False, shade, max(1, round(width)), cv2.LINE_AA, shift=4)
    np.minimum(paper, ink, out=paper)


def _clean(
    strokes: Sequence[NDArray[np.float64]], cap: float, pen: float, scale: float, shade: int
) -> Grey:
    """The name alone, in a crop of the published shape."""
    every = np.concatenate(strokes)
    low, high = every.min(0), every.max(0)
    height = max(2.2 * cap, 1.2 * (high[1] - low[1]))
    width = max(high[0] - low[0] + 2 * cap, height * 8)
    crop: Grey = np.full((round(height * scale), round(width * scale)), 255, np.uint8)
    move = (cap - low[0], height / 2 - (low[1] + high[1]) / 2)
    _draw(crop, [(s + move) * scale for s in strokes], pen * scale, shade)
    return crop


def scan(form: Design, rng: np.random.Generator, empty: float = 0.1) -> MadeForm:
    """The form filled in and scanned, askew by up to 3 degrees, perhaps upside down or sideways."""
    paper, written = fill(form, rng, empty)
    turn = int(rng.integers(4))
    paper, stamp = _marked(paper, form.sheet.scale, rng)
    move = rotation(paper.shape, rng.uniform(-3, 3))
    image = np.ascontiguousarray(np.rot90(turned(paper, move), -turn))
    move = _quarters(paper.shape, turn) @ move
    return _made(form, scanned(image, rng), written, move, rng, stamp)


def photograph(
    form: Design, rng: np.random.Generator, tilt: float = 20.0, empty: float = 0.1
) -> MadeForm:
    """The form filled in and photographed on a table, the camera tilted by up to `tilt` degrees."""
    paper, written = fill(form, rng, empty)
    paper, stamp = _marked(paper, form.sheet.scale, rng)
    image, move = photographed(paper, rng, tilt)
    return _made(form, image, written, move, rng, stamp)


def photograph_of(paper: Grey, rng: np.random.Generator, tilt: float = 20.0) -> Grey:
    """Any sheet photographed on a table."""
    return photographed(paper, rng, tilt)[0]


def _made(
    form: Design,
    image: Grey,
    written: Sequence[tuple[str, Grey | None]],
    move: NDArray[Any],
    rng: np.random.Generator,
    stamp: Box | None,
) -> MadeForm:
    filled = []
    for (text, clean), box in zip(written, form.boxes, strict=True):
        crop = None if clean is None else scanned(clean, rng)
        quad = moved(_corners(box), move)
        filled.append(Filled(text, quad, crop, stamp is not None and _meet(box, stamp)))
    return MadeForm(image, tuple(filled))


def _meet(box: Box, other: Box) -> bool:
    near = box[3] // 3
    x, y, w, h = box[0] - near, box[1] - near, box[2] + 2 * near, box[3] + 2 * near
    across = x < other[0] + other[2] and other[0] < x + w
    return across and y < other[1] + other[3] and other[1] < y + h


def _corners(box: Box) -> Quad:
    x, y, w, h = box
    return np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float64)


def _quarters(shape: tuple[int, ...], turn: int) -> NDArray[np.float64]:
    """Quarter turns clockwise, float (3, 3)."""
    height, width = shape
    turns = (
        np.eye(3),
        np.array([[0, -1, height], [1, 0, 0], [0, 0, 1]]),
        np.array([[-1, 0, width], [0, -1, height], [0, 0, 1]]),
        np.array([[0, 1, 0], [-1, 0, width], [0, 0, 1]]),
    )
    return np.asarray(turns[turn], np.float64)


def _marked(paper: Grey, scale: float, rng: np.random.Generator) -> tuple[Grey, Box | None]:
    """Perhaps with a stamp, whose box comes with it, and with creases."""
    height, width = paper.shape
    stamp: Box | None = None
    if rng.random() < _STAMP:
        at = round(rng.uniform(0.2, 0.8) * width), round(rng.uniform(0.2, 0.8) * height)
        ink: Grey = np.full(paper.shape, 255, np.uint8)
        for r in (9, 11):
            cv2.circle(ink, at, round(r * scale), 120, max(1, round(0.5 * scale)))
        where = at[0] - round(7 * scale), at[1]
        cv2.putText(ink, "RECU", where, cv2.FONT_HERSHEY_SIMPLEX, 0.2 * scale, 120, 2)
        paper, r = np.minimum(paper, ink), round(11.5 * scale)
        stamp = at[0] - r, at[1] - r, 2 * r, 2 * r
    if rng.random() < _CREASE:
        x, y = np.meshgrid(np.arange(width), np.arange(height))
        for _ in range(int(rng.integers(1, 3))):
            turn, middle = rng.uniform(0, np.pi), rng.uniform(0.3, 0.7)
            away = (x - middle * width) * np.cos(turn) + (y - middle * height) * np.sin(turn)
            dark = 1 - rng.uniform(0.1, 0.3) * np.exp(-np.abs(away) / (0.5 * scale))
            dark *= np.where(away > 0, 1.0, rng.uniform(0.92, 1.0))
            paper = np.asarray(paper * dark, np.uint8)
    return paper, stamp


def photographed(
    paper: Grey, rng: np.random.Generator, tilt: float = 20.0, there: Grey | None = None
) -> tuple[Grey, NDArray[np.float64]]:
    """An image of the paper on a table, uint8 (H, W), and the move of its points into it.

    there: 1 where there is paper, 0 where the table is; None for paper everywhere.
    """
    height, width = paper.shape
    size = round(1.12 * max(width, 600)), round(1.12 * max(height, 600))
    move = _camera(paper.shape, size, rng, tilt)
    table = rng.uniform(50, 130) + 14 * cv2.resize(rng.standard_normal((30, 40)), size)
    sheet = cv2.warpPerspective(paper, move, size, flags=cv2.INTER_AREA, borderValue=255)
    known = np.ones(paper.shape, np.float32) if there is None else there.astype(np.float32)
    inside = cv2.warpPerspective(known, move, size)
    light = _light(size, rng)
    image = (inside * sheet * rng.uniform(0.82, 0.98) + (1 - inside) * table) * light
    turn = int(rng.choice([0, 0, 0, 1, 2, 3]))
    whole = np.clip(image, 0, 255).astype(np.uint8)
    whole = np.ascontiguousarray(np.rot90(whole, -turn))
    return scanned(whole, rng), _quarters((size[1], size[0]), turn) @ move


def _camera(
    shape: tuple[int, ...], size: tuple[int, int], rng: np.random.Generator, tilt: float
) -> NDArray[np.float64]:
    """A camera tilted any way by up to so many degrees over the middle of the sheet, float (3, 3)."""
    height, width = shape
    way, lean = rng.uniform(0, 2 * np.pi), np.radians(tilt * np.sqrt(rng.random()))
    axis = np.array([np.cos(way), np.sin(way), 0]) * lean
    turn = cv2.Rodrigues(np.array([0, 0, np.radians(rng.uniform(-8, 8))]))[0]
    look = cv2.Rodrigues(axis)[0] @ turn
    far = 1.3 * max(height, width)
    center = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    plane = np.column_stack([look[:, 0], look[:, 1], [0, 0, far]])
    seen = np.diag([far, far, 1.0]) @ plane @ center
    corners = moved(_corners((0, 0, width, height)), seen)
    low, high = corners.min(0), corners.max(0)
    part = 0.94 * min(np.array(size) / (high - low))
    move = np.array(size) / 2 - part * (low + high) / 2
    into = np.array([[part, 0, move[0]], [0, part, move[1]], [0, 0, 1]])
    return np.asarray(into @ seen, np.float64)


def _light(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float64]:
    """A slope of light, and perhaps a shadow with a soft edge across it, float (H, W)."""
    x, y = np.meshgrid(np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1]))
    way = rng.uniform(0, 2 * np.pi)
    light = 1 - rng.uniform(0, 0.2) * (1 + x * np.cos(way) + y * np.sin(way)) / 2
    if rng.random() < 0.7:
        way = rng.uniform(0, 2 * np.pi)
        edge = x * np.cos(way) + y * np.sin(way) - rng.uniform(-0.4, 0.4)
        light *= 1 - rng.uniform(0.2, 0.5) / (1 + np.exp(-edge / rng.uniform(0.02, 0.15)))
    return np.asarray(light, np.float64)
