"""Pages of nothing but print: each line in a family, weight, size and language of its own."""

from __future__ import annotations

from html import escape

import numpy as np

from forms_html.words import LANGUAGES, Words
from made_pages import names


def specimen_html(seed: int, families: tuple[str, ...]) -> tuple[str, float, float]:
    """A page of lines as `form_html` gives forms; its width and height, mm."""
    rng = np.random.default_rng([seed, 1])
    lines = "".join(_line(rng, families) for _ in range(46))
    css = (
        "body{margin:0} #page{width:210mm;height:297mm;position:relative;overflow:hidden}"
        "#body{position:absolute;inset:12mm;overflow:hidden} div.line{white-space:nowrap;width:max-content}"
    )
    page = f'<div id="page"><div id="body">{lines}</div></div>'
    return f'<!doctype html><meta charset="utf-8"><style>{css}</style>{page}', 210.0, 297.0


def _line(rng: np.random.Generator, families: tuple[str, ...]) -> str:
    family = families[int(rng.integers(len(families)))]
    size = float(np.exp(rng.uniform(np.log(6), np.log(22))))
    words = LANGUAGES[str(rng.choice(list(LANGUAGES)))]
    text = _text(rng, words)
    if rng.random() < 0.25:
        text = text.upper()
    text = text[: int(170 / (0.2 * size))]
    look = {
        "font": f"{rng.choice([300, 400, 400, 400, 700, 700, 900])} {size:.1f}pt '{family}'",
        "font-style": "italic" if rng.random() < 0.15 else "normal",
        "letter-spacing": f"{rng.choice([0, 0, 0, 0.05, 0.2])}em",
        "margin": f"{rng.uniform(1, 4):.1f}mm 0 0 {rng.uniform(0, 60):.0f}mm",
        "color": str(rng.choice(["#000", "#000", "#000", "#333", "#777", "#7a1020", "#123a6b"])),
        "text-decoration": "underline" if rng.random() < 0.06 else "none",
    }
    style = ";".join(f"{key}:{value}" for key, value in look.items())
    return f'<div class="line" style="{style}">{escape(text)}</div>'


def _text(rng: np.random.Generator, words: Words) -> str:
    """A label, a heading, a name in print, a number, a few words or a whole sentence."""
    labels = [label for label, _ in words.labels]
    sentence = str(rng.choice(np.array(words.sentences)))
    first = int(rng.integers(max(1, len(sentence.split()) - 3)))
    some = (
        str(rng.choice(np.array(labels))) + str(rng.choice(["", ":", " :", "*"])),
        str(rng.choice(np.array(words.sections))),
        names().draw(rng).title(),
        str(rng.choice(np.array([t for titles in words.titles.values() for t in titles]))),
        " ".join(sentence.split()[first : first + int(rng.integers(1, 5))]),
        sentence,
        _number(rng),
        str(rng.choice(np.array(words.bodies))),
        str(rng.choice(np.array(words.columns))),
    )
    return str(rng.choice(np.array(some)))


def _number(rng: np.random.Generator) -> str:
    number = int(rng.integers(1, 99999))
    some = (
        f"{number}",
        f"{number % 28 + 1:02d}/{number % 12 + 1:02d}/2026",
        f"{number / 100:.2f} €",
        f"N° {number}",
        f"{number % 40}.",
        f"({number % 20})",
    )
    return str(some[int(rng.integers(len(some)))])
