"""The score that tells fields from other places of an empty form: fitted, and how well it does.

    python tests/bench/form_fields.py [--layouts 200-223 300-347] [--dense 400-447] [--output models/form-fields.npz]

Believable forms and crowded ones (tests/forms_html), each scanned in grey, at few dots to the inch, and in two tones. Every place that may be
a field (`form/candidates.py`) is known to be one where it is a true field, whole and in place. Prints what each fourth of the
layouts gives with a score fitted on the others: fields that some place holds whole, that are chosen, and false ones.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.believable_forms import CACHE, EMPTY_SHOTS, is_lost, is_whole, touches
from forms_html import EmptyForm, Shot, capture
from forms_html.empty import each_form
from hwr_edge.form.candidate_features import features_of
from hwr_edge.form.candidates import candidates_of
from hwr_edge.form.field_score import FieldScore
from hwr_edge.form.new import LONGEST, level_sheet
from hwr_edge.form.places import Place, place_of, without_overlaps
from hwr_edge.form.propose import look_at
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.page.sheet import Matrix, scaling
from made_forms import design
from made_pages import Sheet, moved, scanned

Floats = NDArray[np.float64]
_UNITS, _ROUNDS, _BATCH, _DECAY, _STEP = 32, 60, 64, 1e-3, 3e-3
_NEARLY = (
    0.3  # how much a place counts that is a part of a field: no choice between it and the whole
)
_LEAST = 0.45
_FOLDS, _NETWORKS = 4, 5
_DRAWN, _DRAWN_COUNT = range(101, 221), 12.0
_HEADINGS = ("Payment", "Votre famille", "2. Contact", "Angaben zur Person", "Office use")


@dataclass(frozen=True)
class Seen:
    """An image of an empty form.

    places: that may be fields, and their features, float (N, F).
    fields: true ones that are asked for; every: all, those to sign and of digits too; free: other places to write in.
    """

    seed: int
    kind: str
    places: list[Box]
    features: Floats
    fields: list[Box]
    every: list[Box]
    free: list[Box]


def seen_on(form: EmptyForm, shot: Shot) -> Seen:
    """What may be fields on an image of a form, and what are, in its pixels."""
    sheet = level_sheet(shot.image)
    seen, part = sheet.shrunk(LONGEST)
    to_seen = scaling(part, part) @ np.linalg.inv(sheet.to_image) @ shot.move
    return seen_of(
        form.seed,
        shot.kind,
        seen,
        [
            (_box(f.box, to_seen), f.holds in ("name", "text"), is_lost(form, f.box, shot))
            for f in form.fields
        ],
        [_box(box, to_seen) for box in form.free],
    )


def seen_of(
    seed: int, kind: str, grey: Grey, fields: Sequence[tuple[Box, bool, bool]], free: list[Box]
) -> Seen:
    """The same of a level image; of each field whether it is asked for, and whether the scan lost it."""
    page, part = look_at(grey)
    candidates = candidates_of(page)
    features = features_of(candidates, page)
    places = [_whole(one.place, 1 / part) for one in candidates]
    asked = [box for box, asked, lost in fields if asked and not lost]
    return Seen(seed, kind, places, features, asked, [box for box, *_ in fields], free)


def _box(box: Box, move: Matrix) -> Box:
    """A box moved, as upright as it was: between the middles of its sides."""
    x, y, w, h = box
    corners = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float64)
    quad = moved(corners, move)
    left, right = quad[[0, 3], 0].mean(), quad[[1, 2], 0].mean()
    top, low = quad[:2, 1].mean(), quad[2:, 1].mean()
    return round(left), round(top), round(right - left), round(low - top)


def _whole(place: Place, times: float) -> Box:
    left, top, width, height = (
        round(v * times) for v in (place.left, place.top, place.width, place.height)
    )
    return left, top, width, height


def truth_of(one: Seen) -> tuple[Floats, Floats]:
    """Of each place whether it is a field, 0 or 1, and how much that counts."""
    is_field, counts = np.zeros(len(one.places)), np.ones(len(one.places))
    for k, place in enumerate(one.places):
        if any(is_whole(place, box) for box in one.every):
            is_field[k] = 1
        elif any(touches(place, box) for box in one.free):
            counts[k] = 0
        elif any(touches(place, box) for box in one.every):
            counts[k] = _NEARLY
    if one.kind == "drawn":
        counts *= _DRAWN_COUNT
    return is_field, counts


def fitted(some: Sequence[Seen]) -> FieldScore:
    """A score whose log odds are the mean of several networks', which are one network side by side."""
    some = [one for one in some if one.places]
    x = np.concatenate([one.features for one in some])
    y, w = (np.concatenate(each) for each in zip(*map(truth_of, some), strict=True))
    mean, deviation = x.mean(0), x.std(0) + 1e-6
    z = np.clip((x - mean) / deviation, -4, 4)
    every = [_network(z, y, w, np.random.default_rng(seed)) for seed in range(_NETWORKS)]
    hidden = np.hstack([hidden for hidden, _ in every])
    out = np.concatenate([out[:-1] for _, out in every] + [[sum(out[-1] for _, out in every)]])
    return FieldScore(mean, deviation, hidden, out / _NETWORKS, _LEAST)


def _network(z: Floats, y: Floats, w: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """The weights of both layers, by Adam (Kingma and Ba 2015) on the cross entropy."""
    wide = z.shape[1]
    hidden = np.vstack([rng.normal(0, 1 / np.sqrt(wide), (wide, _UNITS)), np.zeros(_UNITS)])
    out = np.append(rng.normal(0, 1 / np.sqrt(_UNITS), _UNITS), 0.0)
    weights, step = [hidden, out], 0
    means, squares = [np.zeros_like(k) for k in weights], [np.zeros_like(k) for k in weights]
    for epoch in range(_ROUNDS):
        rate = _STEP * (1 - epoch / _ROUNDS) + 1e-5
        for at in np.array_split(rng.permutation(len(z)), max(1, len(z) // _BATCH)):
            step += 1
            for k, slope in enumerate(_slopes(z[at], y[at], w[at], weights[0], weights[1])):
                means[k] = 0.9 * means[k] + 0.1 * slope
                squares[k] = 0.999 * squares[k] + 0.001 * slope**2
                size = np.sqrt(squares[k] / (1 - 0.999**step)) + 1e-8
                weights[k] = weights[k] - rate * means[k] / (1 - 0.9**step) / size
    return weights[0], weights[1]


def _slopes(z: Floats, y: Floats, w: Floats, hidden: Floats, out: Floats) -> tuple[Floats, Floats]:
    """The slopes of the cross entropy by the weights of both layers."""
    units = np.maximum(0, z @ hidden[:-1] + hidden[-1])
    odds = np.clip(units @ out[:-1] + out[-1], -30, 30)
    off = w * (1 / (1 + np.exp(-odds)) - y) / len(y)
    back = np.outer(off, out[:-1]) * (units > 0)
    decay = [_DECAY * np.vstack([hidden[:-1], np.zeros(_UNITS)]), _DECAY * np.append(out[:-1], 0.0)]
    return (
        np.vstack([z.T @ back, back.sum(0)]) + decay[0],
        np.append(units.T @ off, off.sum()) + decay[1],
    )


def count(one: Seen, score: FieldScore, of: Counter[str]) -> None:
    """Count the fields of an image that are chosen whole, and false ones."""
    likely = score.of(one.features) if one.places else np.zeros(0)
    best = [place_of(one.places[k]) for k in np.argsort(-likely) if likely[k] >= score.least]
    found = [_whole(place, 1) for place in without_overlaps(best)]
    of[f"copies {one.kind}"] += 1
    of[f"fields {one.kind}"] += len(one.fields)
    of[f"held {one.kind}"] += sum(any(is_whole(p, box) for p in one.places) for box in one.fields)
    of[f"whole {one.kind}"] += sum(any(is_whole(p, box) for p in found) for box in one.fields)
    every = one.every + one.free
    of[f"false {one.kind}"] += sum(not any(touches(p, box) for box in every) for p in found)


def all_seen(layouts: Sequence[str], design: str = "form") -> Iterator[Seen]:
    """Three images of each layout of a design; `layouts`: the first and the last one of each row of them."""
    ends = [[int(end) for end in part.split("-")] for part in layouts]
    seeds = [seed for first, last in ends for seed in range(first, last + 1)]
    for form in each_form(seeds, CACHE, kind=design):
        rng = np.random.default_rng([form.seed, 5])
        for kind in EMPTY_SHOTS:
            seen = seen_on(form, capture(form.page, rng, kind))
            yield seen if design == "form" else replace(seen, kind=f"{design} {kind}")


def drawn(number: int) -> Seen:
    """A drawn form (tests/made_forms) with what is no field: a frame, lines that part sections, bars, the scanner's lid."""
    made, rng = design(number), np.random.default_rng([number, 6])
    sheet, scale = made.sheet, made.sheet.scale
    over, under = (round(v * scale) for v in rng.uniform((0, 50), (25, 120)))
    low = sheet.paper.shape[0] / scale
    sheet.paper = np.pad(sheet.paper, ((0, under), (0, 0)), constant_values=255)
    width, tall = sheet.paper.shape[1] / scale, sheet.paper.shape[0] / scale
    thick, shade = rng.uniform(0.2, 0.6), int(rng.integers(20, 140))
    first = min((place.y for place in made.places), default=40.0)
    y = low + rng.uniform(8, 30)
    while y < tall - 10:
        _decoy(sheet, y, width, rng)
        y += rng.uniform(12, 40)
    if rng.random() < 0.5:
        _bar(sheet, first - 7, width, rng)
    if rng.random() < 0.6:
        sides, top, end = rng.uniform(2, 9), first - rng.uniform(6, 9), low + rng.uniform(0, 4)
        ends = ((sides, top), (width - sides, top), (width - sides, end), (sides, end))
        for (x0, y0), (x1, y1) in zip(ends, (*ends[1:], ends[0]), strict=True):
            sheet.rule(x0, y0, x1, y1, thick, shade)
    paper = np.pad(sheet.paper, ((over, 0), (0, 0)), constant_values=255)
    if rng.random() < 0.5:
        paper[-12:], paper[:, :6] = 40, 40
    fields = [((x, y + over, w, h), True, False) for x, y, w, h in made.boxes]
    return seen_of(number, "drawn", scanned(paper, rng), fields, [])


def _decoy(sheet: Sheet, y: float, width: float, rng: np.random.Generator) -> None:
    """A heading on a bar, a line that parts sections, or one below a heading."""
    kind, left = int(rng.integers(3)), rng.uniform(3, 14)
    if kind == 0:
        _bar(sheet, y, width, rng)
        return
    right = width - left if kind == 1 else left + rng.uniform(30, 110)
    sheet.rule(left, y, right, y, rng.uniform(0.2, 0.6), int(rng.integers(20, 140)))
    words = "Please return it before the end of June" if kind == 1 else _HEADINGS[0]
    away = rng.uniform(4, 10) if kind == 1 else -1.5
    sheet.type(words, left + rng.uniform(0, 8), y + away, rng.uniform(2, 4))


def _bar(sheet: Sheet, y: float, width: float, rng: np.random.Generator) -> None:
    """A heading on a bar, shaded or framed."""
    edge, high = rng.uniform(6, 14), rng.uniform(4.5, 7)
    sides = edge, width - edge, y, y + high
    left, right, top, low = (round(v * sheet.scale) for v in sides)
    if rng.random() < 0.6:
        sheet.paper[top:low, left:right] = int(rng.integers(200, 240))
    else:
        cv2.rectangle(sheet.paper, (left, top), (right, low), (int(rng.integers(20, 140)),), 2)
    words = _HEADINGS[int(rng.integers(len(_HEADINGS)))]
    sheet.type(words, edge + 2, y + 0.75 * high, 0.55 * high)


def report(some: Sequence[Seen]) -> Counter[str]:
    """The figures of each fourth with a score fitted on the others."""
    of: Counter[str] = Counter()
    for fold in range(_FOLDS):
        score = fitted([one for one in some if one.seed % _FOLDS != fold])
        for one in some:
            if one.seed % _FOLDS == fold:
                count(one, score, of)
    return of


def main() -> None:
    """Print the figures and write the score."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--layouts", nargs="+", default=["200-223", "300-347"])
    parser.add_argument("--dense", nargs="+", default=["400-447"], help="Of crowded forms.")
    parser.add_argument("--output", type=Path, default=Path("models/form-fields.npz"))
    args = parser.parse_args()
    cv2.setNumThreads(1)
    some = [*all_seen(args.layouts), *all_seen(args.dense, "dense")]
    some += [drawn(number) for number in _DRAWN]
    print_figures(report(some))
    fitted(some).save(args.output)


def print_figures(of: Counter[str]) -> None:
    """A line for each kind of scan."""
    for kind in (*EMPTY_SHOTS, *(f"dense {kind}" for kind in EMPTY_SHOTS), "drawn"):
        copies, fields = of[f"copies {kind}"], of[f"fields {kind}"]
        held, whole = of[f"held {kind}"], of[f"whole {kind}"]
        print(
            f"{kind:<7} {copies} images, {fields} fields: {held / fields:.1%} seen whole, ", end=""
        )
        print(f"{whole / fields:.1%} chosen, {of[f'false {kind}'] / copies:.2f} false a form")


if __name__ == "__main__":
    main()
