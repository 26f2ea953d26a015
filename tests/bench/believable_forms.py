"""Believable forms: fields proposed, filled copies accepted, other forms refused, near twins too.

    python tests/bench/believable_forms.py [--forms 60] [--first 0] [--skip propose|fill|wrong ...]

Forms are set by Chromium (tests/forms_html), scanned, faxed, copied and photographed. A proposed field is right where
it holds nine tenths of the true one and is at most half as large again; fields to sign and of digits, lines for answers, cells
for marks and places for remarks or the office may be proposed or not. Fields of which a 1-bit scan kept less than a tenth
of the print are told apart, and not counted. A filled copy is right where it is accepted and each field's quadrilateral has 0.7 of its union with the true one. Wrong
forms: other layouts, and twins of the form itself with one to three of its printed words changed.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from bench.forms import overlap
from forms_html import CAPTURES, EmptyForm, Shot, capture, empty_forms, fill
from hwr_edge.errors import HwrError, ImageError
from hwr_edge.form.align import Aligner
from hwr_edge.form.new import LONGEST, level_sheet
from hwr_edge.form.propose import propose_fields
from hwr_edge.form.template import Field, Form
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.page.sheet import whole_image
from made_pages import Quad, moved

CACHE = Path("runs/forms-html")
_RIGHT = 0.7
_WHOLE, _LARGER, _IN_PLACE = 0.9, 1.8, 0.5
_AROUND, _PRINTED, _LEFT = (
    4,
    245,
    0.1,
)  # pixels, grey level; of a field's print, that a scan has at least
EMPTY_SHOTS = ("scan", "low", "onebit")
"""How an empty form is scanned, to make a template of it."""


def template(form: EmptyForm) -> Form:
    """A template of a form as its owner has it: clean, its fields where they are."""
    small, part = whole_image(form.page).shrunk(LONGEST)
    fields = tuple(
        Field(f.name, (round(x * part), round(y * part), round(w * part), round(h * part)))
        for f in form.fields
        for x, y, w, h in (f.box,)
    )
    return Form(Path(f"form{form.seed}.toml"), small, fields)


def is_whole(found: Box, truth: Box) -> bool:
    """Whether a proposed field is a true one, whole and in place."""
    x, y, width, height = found
    left, top, wide, high = truth
    across = min(x + width, left + wide) - max(x, left)
    down = min(y + height, top + high) - max(y, top)
    if min(across, down) <= 0:
        return False
    wide_enough = across >= _WHOLE * wide and width <= wide / _WHOLE
    return wide_enough and down >= _IN_PLACE * high and height <= _LARGER * high


def proposed_on(form: EmptyForm, shot: Shot) -> list[Box]:
    """The fields proposed on an image of a form, in pixels of its page."""
    sheet = level_sheet(shot.image)
    seen, part = sheet.shrunk(LONGEST)
    to_page = np.linalg.inv(shot.move) @ sheet.to_image
    found = []
    for box in propose_fields(seen):
        quad = moved(_corners(box) / part, to_page)
        (x, y), (right, low) = quad.min(0), quad.max(0)
        found.append((round(x), round(y), round(right - x), round(low - y)))
    return found


def proposed(form: EmptyForm, rng: np.random.Generator, kind: str, of: Counter[str]) -> None:
    """Count the fields proposed on an empty copy."""
    shot = capture(form.page, rng, kind)
    found = proposed_on(form, shot)
    of[f"copies {kind}"] += 1
    for field in form.fields:
        asked = field.holds in ("name", "text")
        if asked and is_lost(form, field.box, shot):
            of[f"lost {kind}"] += 1
            continue
        hit = any(is_whole(box, field.box) for box in found)
        of[f"fields {kind}"] += asked
        of[f"whole {kind}"] += asked and hit
        of[f"{field.kind} all"] += asked
        of[f"{field.kind} whole"] += asked and hit
    places = [field.box for field in form.fields] + list(form.free)
    of[f"false {kind}"] += sum(not any(touches(box, place) for place in places) for box in found)


def is_lost(form: EmptyForm, box: Box, shot: Shot) -> bool:
    """Whether a 1-bit scan has next to nothing of what is printed of a field: then nobody can see it."""
    if shot.kind != "onebit":
        return False
    x, y, wide, high = box
    left, top = max(0, x - _AROUND), max(0, y - _AROUND)
    printed = form.page[top : y + high + _AROUND, left : x + wide + _AROUND] < _PRINTED
    rows, columns = np.nonzero(printed)
    points = moved(np.c_[columns + left, rows + top].astype(np.float64), shot.move)
    across, down = np.rint(points).astype(int).T
    tall, width = shot.image.shape
    inside = (across >= 0) & (across < width) & (down >= 0) & (down < tall)
    dark = shot.image[down[inside], across[inside]] < 128
    return dark.size == 0 or bool(dark.mean() < _LEFT)


def touches(one: Box, other: Box) -> bool:
    """Whether nearly a third of a box or more lies in another one."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return min(across, down) > 0 and across * down >= 0.3 * one[2] * one[3]


def filled_copy(
    form: EmptyForm, aligner: Aligner, rng: np.random.Generator, kind: str, of: Counter[str]
) -> None:
    """Count a filled copy accepted, and its fields found."""
    shot = capture(cropped(fill(form, rng).page, rng), rng, kind)
    of[f"filled {kind}"] += 1
    try:
        sheet = aligner.align(shot.image)
    except ImageError as error:
        print(f"form {form.seed}, {kind}: {error}", file=sys.stderr)
        return
    of[f"accepted {kind}"] += 1
    right = [
        overlap(sheet.corners(mine.box), moved(_corners(field.box), shot.move)) >= _RIGHT
        for mine, field in zip(aligner.form.fields, form.fields, strict=True)
    ]
    of[f"in place {kind}"] += sum(right)
    of[f"all {kind}"] += len(right)


def cropped(page: Grey, rng: np.random.Generator) -> Grey:
    """Every third page loses up to two per cent at an edge: it becomes paper."""
    if rng.random() < 1 / 3:
        height = len(page)
        lost = round(rng.uniform(0.005, 0.02) * height)
        side = int(rng.integers(4))
        page = page.copy()
        page[(np.s_[:lost], np.s_[-lost:], np.s_[:, :lost], np.s_[:, -lost:])[side]] = 255
    return page


def _corners(box: Box) -> Quad:
    x, y, w, h = box
    return np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float64)


def twin(form: EmptyForm, other: EmptyForm, rng: np.random.Generator, words: int) -> Grey | None:
    """The form with so many of its runs of print changed for some of another form's; None where none fits."""
    page, changed = form.page.copy(), 0
    size = np.array([b[2] for b in form.print_boxes])
    long = np.flatnonzero(size >= np.median(size))
    for k in rng.permutation(long):
        x, y, w, h = form.print_boxes[k]
        like = [b for b in other.print_boxes if 0.6 < b[2] / w < 1.6 and 0.7 < b[3] / h < 1.4]
        if not like or changed == words:
            continue
        changed += 1
        left, top, wide, high = like[int(rng.integers(len(like)))]
        place = page[y : y + h, x : x + w]
        piece = other.page[top : top + high, left : left + wide]
        place[:] = cv2.resize(piece, place.shape[::-1])
    return page if changed == words else None


def wrong_copies(
    form: EmptyForm, other: EmptyForm, aligner: Aligner, rng: np.random.Generator, of: Counter[str]
) -> None:
    """Count another form, and twins of this one, refused."""
    for kind, words in (("other form", 0), ("one word", 1), ("three words", 3)):
        page = fill(other, rng).page if kind == "other form" else twin(form, other, rng, words)
        if page is None:
            continue
        shot = capture(page, rng)
        of[f"wrong {kind}"] += 1
        try:
            aligner.align(shot.image)
            print(f"taken for form {form.seed}: {kind} ({shot.kind})", file=sys.stderr)
        except ImageError:
            of[f"refused {kind}"] += 1


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--forms", type=int, default=60)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--skip", nargs="*", default=[], choices=("propose", "fill", "wrong"))
    args = parser.parse_args()
    cv2.setNumThreads(1)
    of: Counter[str] = Counter()
    forms = empty_forms(args.forms, args.first, CACHE)
    for k, form in enumerate(forms):
        rng = np.random.default_rng([form.seed, 5])
        if "propose" not in args.skip:
            for kind in EMPTY_SHOTS:
                proposed(form, rng, kind, of)
        try:
            aligner = Aligner(template(form))
        except HwrError as error:
            print(f"form {form.seed}: {error}", file=sys.stderr)
            continue
        if "fill" not in args.skip:
            for kind in CAPTURES:
                filled_copy(form, aligner, rng, kind, of)
        if "wrong" not in args.skip:
            wrong_copies(form, forms[(k + 1) % len(forms)], aligner, rng, of)
    _print(of)


def _print(of: Counter[str]) -> None:
    for kind in EMPTY_SHOTS:
        if copies := of[f"copies {kind}"]:
            whole, fields = of[f"whole {kind}"], of[f"fields {kind}"]
            print(f"proposed, {kind:<7} {whole} of {fields} whole ({whole / fields:.1%}), ", end="")
            lost = f", {of[f'lost {kind}']} that the scan lost" if of[f"lost {kind}"] else ""
            print(f"{of[f'false {kind}'] / copies:.2f} false a form{lost}")
    for kind in ("box", "comb", "ruled", "dotted", "shaded", "cell"):
        if every := of[f"{kind} all"]:
            print(f"  {kind:<8} {of[f'{kind} whole']} of {every}")
    for kind in CAPTURES:
        if filled := of[f"filled {kind}"]:
            print(f"filled, {kind:<7} {of[f'accepted {kind}']} of {filled} accepted, ", end="")
            print(f"{of[f'in place {kind}']} of {of[f'all {kind}']} fields in place")
    for kind in ("other form", "one word", "three words"):
        if tried := of[f"wrong {kind}"]:
            print(f"refused, {kind:<12} {of[f'refused {kind}']} of {tried}")


if __name__ == "__main__":
    main()
