"""A field to write in, as HTML: boxes, combs, ruled, dotted and shaded ones."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np

KINDS = ("box", "comb", "ruled", "dotted", "shaded")
"""What a field is printed as; "cell" is one more, of tables."""


@dataclass(frozen=True)
class FieldStyle:
    """How a form prints its fields.

    kinds: those it uses, the usual one first.
    high: millimetres.
    line: CSS of the colour and thickness of its lines.
    comb: how cells are parted: "whole", "ticks", "pale" or "apart".
    dots: whether dotted lines are typed full stops, or a border.
    """

    kinds: tuple[str, ...]
    high: float
    line: str
    shade: str
    comb: str
    dots: bool
    round: bool


def field_style(rng: np.random.Generator) -> FieldStyle:
    """Some style, as one designer would keep to."""
    order = [str(kind) for kind in rng.permutation(np.array(KINDS))]
    grey = int(rng.choice([0, 0, 0, 60, 110, 150, 185]))
    thick = rng.choice([0.5, 0.75, 1.0, 1.0, 1.5, 2.0])
    pale = int(rng.integers(205, 238))
    return FieldStyle(
        tuple(order[: int(rng.integers(1, 4))]),
        rng.uniform(5.5, 10.5),
        f"{thick}px solid rgb({grey},{grey},{grey})",
        f"rgb({pale},{pale},{pale})",
        str(rng.choice(["whole", "ticks", "pale", "apart"])),
        bool(rng.random() < 0.5),
        bool(rng.random() < 0.15),
    )


def field_html(
    style: FieldStyle, kind: str, name: str, holds: str, wide: float, high: float | None = None
) -> str:
    """A field of so many millimetres."""
    high = high or style.high
    data = f'data-name="{escape(name)}" data-holds="{holds}"'
    size = f"width:{wide:.1f}mm;height:{high:.1f}mm"
    if kind == "comb":
        return _comb(style, data, wide, high)
    look = {
        "box": f"border:{style.line};" + ("border-radius:1.5mm;" if style.round else ""),
        "ruled": f"border-bottom:{style.line};",
        "shaded": f"background:{style.shade};",
        "dotted": "" if style.dots else "border-bottom:1px dotted #000;",
    }[kind]
    inside = '<i class="dots">' + "." * 200 + "</i>" if kind == "dotted" and style.dots else ""
    return f'<span class="f" data-kind="{kind}" {data} style="{size};{look}">{inside}</span>'


def _comb(style: FieldStyle, data: str, wide: float, high: float) -> str:
    each = min(max(0.68 * high, 4.2), 7.0)
    count = max(4, int(wide / each))
    edge, top = style.line, style.line
    between = {"pale": "0.75px solid #bbb", "ticks": "none", "apart": "none"}.get(style.comb, edge)
    cells = []
    for k in range(count):
        look = f"border-top:{top};border-bottom:{edge};"
        if style.comb == "apart":
            look = f"border:{edge};margin-right:{0.12 * each:.2f}mm;"
        elif k:
            look += f"border-left:{between};"
        tick = (
            f'<b class="tick" style="border-left:{edge}"></b>'
            if style.comb == "ticks" and k
            else ""
        )
        cells.append(f'<i class="cell" style="{look}">{tick}</i>')
    around = "" if style.comb == "apart" else f"border-left:{edge};border-right:{edge};"
    return (
        f'<span class="f comb" data-kind="comb" data-cells="{count}" {data} '
        f'style="width:{count * each:.1f}mm;height:{high:.1f}mm;{around}">{"".join(cells)}</span>'
    )
