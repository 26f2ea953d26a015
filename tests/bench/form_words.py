"""The score that tells a form's printed word from another one: fitted, and how well it does.

    python tests/bench/form_words.py [--forms 12] [--first 200]

Believable forms (tests/forms_html), the template clean or itself a scan; copies filled in, some of their words changed for others of
this form or of another one; each scanned, faxed, copied and photographed. Prints the weights for `form/word_score.py`,
and of words that the fit has not seen, how many changed ones are told where 99.5 % of the unchanged copies have none.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.believable_forms import CACHE, cropped, template
from forms_html import CAPTURES, EmptyForm, capture, empty_forms, fill
from hwr_edge.form.align import Aligner
from hwr_edge.form.form_print import LOOK
from hwr_edge.form.places import print_of
from hwr_edge.form.print_words import printed_words
from hwr_edge.form.template import Form
from hwr_edge.form.word_score import darkness, features
from hwr_edge.image.ink import flatten_light
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.page.sheet import scaling, whole_image

_CHANGED = 0.08  # of the words
_ALIKE = 1.25  # times as wide or as high is a word that takes another's place
_HIDES = 0.9  # of a word's place, that another one stands on
_CLEAN = 99.5  # per cent of the unchanged copies, that have no word told as another
_FOLDS = 4


class Words(NamedTuple):
    """The words of a copy: features, float (N, 4), and whether each is changed, or not at all."""

    kind: str
    seed: int
    features: NDArray[np.float64]
    changed: NDArray[np.bool_]
    same: NDArray[np.bool_]


def places_of(page: Grey) -> list[Box]:
    """The printed words of a page, in its pixels."""
    small, part = whole_image(page).shrunk(LOOK)
    every = [word.box for word in printed_words(print_of(small))]
    return [
        (round(x / part), round(y / part), round(w / part), round(h / part)) for x, y, w, h in every
    ]


def changed(form: EmptyForm, other: EmptyForm, rng: np.random.Generator) -> tuple[Grey, list[Box]]:
    """A form with some of its words changed for others, and where."""
    page, own = form.page.copy(), places_of(form.page)
    donors = [(form.page, box) for box in own] + [
        (other.page, box) for box in places_of(other.page)
    ]
    done = []
    for box in own:
        if rng.random() >= _CHANGED:
            continue
        x, y, w, h = box
        like = [(source, b) for source, b in donors if b != box and _alike(b, box)]
        if like:
            source, (left, top, wide, high) = like[int(rng.integers(len(like)))]
            page[y : y + h, x : x + w] = cv2.resize(
                source[top : top + high, left : left + wide], (w, h)
            )
            done.append(box)
    return page, done


def _alike(one: Box, other: Box) -> bool:
    ratios = one[2] / other[2], one[3] / other[3]
    return all(1 / _ALIKE < ratio < _ALIKE for ratio in ratios)


def scanned_template(form: EmptyForm, rng: np.random.Generator) -> Form:
    """A template as `form new` makes it of a scan."""
    made, shot = template(form), capture(form.page, rng, "scan")
    part = made.image.shape[1] / form.page.shape[1]
    flat = cv2.warpPerspective(
        shot.image,
        scaling(part, part) @ np.linalg.inv(shot.move),
        made.image.shape[::-1],
        borderValue=[255.0],
    )
    return replace(made, image=flatten_light(np.asarray(flat, np.uint8)))


def copies(form: EmptyForm, other: EmptyForm) -> Iterator[Words]:
    """The words of filled copies of a form, changed ones and others."""
    for scanned in (False, True):
        rng = np.random.default_rng([form.seed, 77, scanned])
        aligner = Aligner(scanned_template(form, rng) if scanned else template(form))
        part = LOOK / max(form.page.shape)
        for kind in CAPTURES:
            for change in (False, True):
                page, places = changed(form, other, rng) if change else (form.page, [])
                filled = fill(replace(form, page=page), rng).page
                shot = capture(cropped(filled, rng), rng, kind)
                for aligned, scan in aligner.laid(shot.image):
                    shown = aligner.print.shown(aligner.beyond(aligned))
                    words = aligner.print.words
                    if not len(shown):
                        continue
                    measured = features(words.likeness(darkness(scan), shown), words.long[shown])
                    hidden = np.array([_hidden(words.words[k].box, places, part) for k in shown])
                    yield Words(kind, form.seed, measured, hidden >= _HIDES, hidden == 0)
                    break


def _hidden(box: Box, places: list[Box], part: float) -> float:
    """The largest part of a small form's box that lies under one of the page's."""
    x, y, w, h = box
    most = 0.0
    for left, top, wide, high in (tuple(v * part for v in place) for place in places):
        across = min(x + w, left + wide) - max(x, left)
        down = min(y + h, top + high) - max(y, top)
        most = max(most, max(0.0, across) * max(0.0, down) / (w * h))
    return most


def fitted(some: list[Words]) -> NDArray[np.float64]:
    """Weights of logistic regression, float (4,), by Newton's method."""
    known = [w.changed | w.same for w in some]
    x = np.concatenate([w.features[k] for w, k in zip(some, known, strict=True)])
    y = np.concatenate([w.changed[k] for w, k in zip(some, known, strict=True)]).astype(float)
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        bend = (x * (p * (1 - p))[:, None]).T @ x + 0.01 * np.eye(len(weights))
        weights -= np.linalg.solve(bend, x.T @ (p - y) + 0.01 * weights)
    return weights


def clean_limit(some: list[Words], weights: list[NDArray[np.float64]]) -> float:
    """The log odds that so many copies have in none of their unchanged words."""
    highest = [
        float((w.features @ own)[w.same].max(initial=-99.0))
        for w, own in zip(some, weights, strict=True)
    ]
    return float(np.percentile(highest, _CLEAN))


def main() -> None:
    """Print the weights and the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--forms", type=int, default=12)
    parser.add_argument("--first", type=int, default=200)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    forms = empty_forms(args.forms, args.first, CACHE)
    some = [
        words for k, form in enumerate(forms) for words in copies(form, forms[(k + 1) % len(forms)])
    ]
    unseen = {fold: fitted([w for w in some if w.seed % _FOLDS != fold]) for fold in range(_FOLDS)}
    apart = [unseen[w.seed % _FOLDS] for w in some]
    limit = clean_limit(some, apart)
    told: dict[str, list[bool]] = defaultdict(list)
    for w, own in zip(some, apart, strict=True):
        told[w.kind] += (w.features @ own > limit)[w.changed].tolist()
    for kind, each in told.items():
        print(f"{kind:<7} {sum(each)} of {len(each)} changed words told")
    every = [hit for each in told.values() for hit in each]
    print(
        f"all     {sum(every)} of {len(every)}; {sum(int(w.same.sum()) for w in some)} words unchanged, {len(some)} copies"
    )
    weights = fitted(some)
    weights[0] -= clean_limit(some, [weights] * len(some))
    print("WEIGHTS =", tuple(round(float(w), 2) for w in weights))


if __name__ == "__main__":
    main()
