"""Pages of what forms have beside lines of print: rows of bubbles, grids, scales, stamps, seals, bands, fine print."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import numpy as np

from forms_html.logos import logo
from forms_html.words import LANGUAGES, Words

_CSS = """
body{margin:0} #page{width:210mm;height:297mm;position:relative;overflow:hidden}
#body{position:absolute;inset:10mm;overflow:hidden} .part{margin:0 0 3mm 0}
i{font-style:normal;display:inline-block;text-align:center;box-sizing:border-box}
table{border-collapse:collapse} td,th{padding:0.5mm 1.5mm}
"""
_Draw = np.random.Generator


def oddments_html(seed: int, families: tuple[str, ...]) -> tuple[str, float, float]:
    """A page of such parts, as `form_html` gives forms; its width and height, mm."""
    rng = np.random.default_rng([seed, 2])
    parts = "".join(_part(rng, families) for _ in range(26))
    page = f'<div id="page"><div id="body">{parts}</div></div>'
    return f'<!doctype html><meta charset="utf-8"><style>{_CSS}</style>{page}', 210.0, 297.0


def _part(rng: _Draw, families: tuple[str, ...]) -> str:
    kinds: tuple[Callable[[_Draw, Words], str], ...] = (
        _bubbles, _bubbles, _grid, _scale, _stamp, _seals, _band, _header, _fine, _ticks, _leaders,
    )  # fmt: skip
    words = LANGUAGES[str(rng.choice(list(LANGUAGES)))]
    inner = kinds[int(rng.integers(len(kinds)))](rng, words)
    family = families[int(rng.integers(len(families)))]
    weight, size = rng.choice([300, 400, 400, 700]), rng.uniform(6, 13)
    left = rng.uniform(0, 60)
    style = f"font:{weight} {size:.1f}pt '{family}';margin-left:{left:.0f}mm"
    return f'<div class="part" style="{style}">{inner}</div>'


def _bubbles(rng: _Draw, words: Words) -> str:
    """Answers or numbers to mark: circles, ovals, squares or brackets, with a letter or digit inside or beside."""
    marks = [list("ABCD"), list("ABCDE"), list("0123456789"), list("abcdef"), ["V", "F"],
             ["1", "2", "3", "4", "5"], list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), ["O", "N"]]  # fmt: skip
    some, high = marks[int(rng.integers(len(marks)))], rng.uniform(3, 6.5)
    wide, shape = (
        high * rng.uniform(0.8, 1.9),
        str(rng.choice(["round", "oval", "square", "bracket"])),
    )
    edge = (
        f"{rng.choice([0.5, 0.75, 1, 1.5])}px solid {rng.choice(['#000', '#333', '#888', '#b33'])}"
    )
    curve = {"round": "50%", "oval": "40%", "square": "0.5mm", "bracket": "0"}[shape]
    border = "0" if shape == "bracket" else edge
    gap, inside = rng.uniform(0.3, 5), rng.random() < 0.75
    look = (
        f"width:{high if shape == 'round' else wide:.1f}mm;height:{high:.1f}mm;border:{border};border-radius:{curve};"
        f"font-size:{high * rng.uniform(0.45, 0.8):.1f}mm;line-height:{high:.1f}mm;margin-right:{gap:.1f}mm"
    )

    def mark(letter: str) -> str:
        text = f"[{letter}]" if shape == "bracket" else letter if inside else ""
        beside = "" if inside else f"<span>{letter} </span>"
        return f'{beside}<i style="{look}">{text}</i>'

    rows, numbered = int(rng.integers(1, 6)), rng.random() < 0.6
    first = int(rng.integers(1, 60))
    lines = (
        (f"<i style='width:8mm'>{first + k}</i>" if numbered else "") + "".join(map(mark, some))
        for k in range(rows)
    )
    lead = rng.uniform(1.0, 1.8) * high
    return "".join(
        f"<div style='height:{lead:.1f}mm;white-space:nowrap'>{line}</div>" for line in lines
    )


def _grid(rng: _Draw, words: Words) -> str:
    """A table of digits, letters or short words."""
    edge = f"{rng.choice([0, 0.5, 1])}px solid {rng.choice(['#000', '#999'])}"
    columns, rows = int(rng.integers(3, 12)), int(rng.integers(1, 5))
    kind = int(rng.integers(3))

    def cell() -> str:
        number = int(rng.integers(1000))
        return (f"{number}", chr(65 + number % 26), f"{number / 10:.1f}")[kind]

    body = "".join(
        "<tr>"
        + "".join(f"<td style='border:{edge}'>{cell()}</td>" for _ in range(columns))
        + "</tr>"
        for _ in range(rows)
    )
    return f"<table>{body}</table>"


def _scale(rng: _Draw, words: Words) -> str:
    """Numbers along a line, as questionnaires have them."""
    gap = rng.uniform(4, 14)
    marks = "".join(
        f"<i style='width:{gap:.1f}mm'>{k}</i>" for k in range(int(rng.integers(5, 12)))
    )
    rule = "border-bottom:1px solid #000;" if rng.random() < 0.5 else ""
    return f"<div style='{rule}display:inline-block'>{marks}</div>"


def _stamp(rng: _Draw, words: Words) -> str:
    """A rubber stamp: capitals in a frame, askew, pale or coloured."""
    text = escape(
        str(
            rng.choice(
                np.array((*words.bodies, *words.sections, "COPIE", "REÇU", "PAID", "ENTWURF"))
            )
        )
    )
    ink = str(rng.choice(["#a22", "#33a", "#555", "#000"]))
    style = (
        f"display:inline-block;color:{ink};border:{rng.choice([0, 1, 2, 3])}px {rng.choice(['solid', 'double'])} {ink};"
        f"padding:1mm 2mm;transform:rotate({rng.uniform(-7, 7):.1f}deg);opacity:{rng.uniform(0.5, 1):.2f};"
        f"letter-spacing:{rng.choice([0, 0.1, 0.25])}em;border-radius:{rng.uniform(0, 2):.1f}mm"
    )
    date = (
        f"<br>{rng.integers(1, 29)} {rng.choice(['JAN', 'FEV', 'MAI', 'OKT', 'DEC'])} 2026"
        if rng.random() < 0.5
        else ""
    )
    return f"<div style='{style}'>{text.upper()}{date}</div>"


def _seals(rng: _Draw, words: Words) -> str:
    return "&nbsp; ".join(logo(rng) for _ in range(int(rng.integers(1, 5))))


def _band(rng: _Draw, words: Words) -> str:
    """Print on a dark or grey ground."""
    grey = int(rng.choice([0, 40, 90, 170, 210]))
    ink = "#fff" if grey < 130 else "#000"
    text = escape(str(rng.choice(np.array((*words.sections, *words.bodies)))))
    return f"<div style='background:rgb({grey},{grey},{grey});color:{ink};padding:1mm 3mm'>{text}</div>"


def _header(rng: _Draw, words: Words) -> str:
    """The heads of a table and some empty rows."""
    heads = rng.permutation(np.array(words.columns))[: int(rng.integers(2, 7))]
    edge = f"border:{rng.choice([0.5, 1, 1.5])}px solid {rng.choice(['#000', '#777'])}"
    shade = f"background:rgb({int(rng.integers(190, 256))},230,230)"
    upper = rng.random() < 0.4
    top = "".join(
        f"<th style='{edge};{shade}'>{escape(str(h).upper() if upper else str(h))}</th>"
        for h in heads
    )
    row = "<tr>" + f"<td style='{edge};height:6mm'></td>" * len(heads) + "</tr>"
    return f"<table style='width:{rng.uniform(90, 150):.0f}mm'><tr>{top}</tr>{row * int(rng.integers(0, 3))}</table>"


def _fine(rng: _Draw, words: Words) -> str:
    """Fine print in columns."""
    lines = " ".join(str(s) for s in rng.choice(np.array(words.sentences), int(rng.integers(2, 6))))
    size = rng.uniform(4.5, 7)
    return f"<div style='font-size:{size:.1f}pt;columns:{rng.integers(1, 4)};width:130mm'>{escape(lines)}</div>"


def _ticks(rng: _Draw, words: Words) -> str:
    """Words with boxes to tick."""
    some = words.options[int(rng.integers(len(words.options)))]
    mark = str(rng.choice(["☐", "□", "○", "◯", "[ ]", "( )", "☑", "✓", "___"]))
    return (
        escape(str(rng.choice(np.array(words.questions))))
        + " "
        + " ".join(f"{mark} {escape(w)}" for w in some)
    )


def _leaders(rng: _Draw, words: Words) -> str:
    """Labels, each with dots or dashes to write on."""
    fill = str(rng.choice([".", "_", "-", "…", " ."])) * int(rng.integers(10, 40))
    some = rng.choice(len(words.labels), 2)
    return " ".join(f"{escape(words.labels[int(k)][0])} {fill}" for k in some)
