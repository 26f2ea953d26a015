"""Crowded forms, as offices set them: gaps in sentences, captions below lines, tables of low rows, combs of ticks.

And what looks like fields and is none: leaders to a price, footnotes below a short line, tables that are full, notes
in frames, underlined words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import numpy as np

from forms_html.logos import logo
from forms_html.words import LANGUAGES, Words

_SIZES = ((210, 297),) * 4 + ((216, 279),) * 3


@dataclass
class _Office:
    """What the blocks of such a form share.

    gap: how gaps in a sentence are printed: "_", ".", "…" or ". " typed, "ruled" or "dotted".
    line: CSS of the lines' colour and thickness. row: millimetres of a table's low row.
    inside: width between the margins, mm.
    """

    rng: np.random.Generator
    words: Words
    gap: str
    line: str
    row: float
    inside: float
    count: int = 0

    def label(self, most: int = 99) -> tuple[str, str]:
        """A label of so many letters at most, and what its field holds."""
        some = [one for one in self.words.labels if len(one[0]) <= most] or self.words.labels
        return some[int(self.rng.integers(len(some)))]

    def field(self, kind: str, style: str, holds: str, inside: str = "", cells: int = 0) -> str:
        """A place to write in."""
        self.count += 1
        data = f'data-kind="{kind}" data-name="{self.count:03d}" data-holds="{holds}" data-cells="{cells}"'
        return f'<span class="f" {data} style="{style}">{inside}</span>'

    def sentence(self) -> str:
        """One, escaped."""
        return escape(self.words.sentences[int(self.rng.integers(len(self.words.sentences)))])

    def chance(self, part: float) -> bool:
        """True so often."""
        return bool(self.rng.random() < part)

    def typed(self, wide: float, high: float, holds: str) -> str:
        """A gap in a line of print."""
        size = f"width:{wide:.1f}mm;height:{high:.1f}mm;vertical-align:-0.22em"
        if self.gap == "ruled":
            return self.field("ruled", f"{size};border-bottom:{self.line}", holds)
        if self.gap == "dotted":
            return self.field("dotted", f"{size};border-bottom:1px dotted #000", holds)
        kind = "ruled" if self.gap == "_" else "dotted"
        return self.field(kind, size, holds, f'<i class="leader">{self.gap * 150}</i>')


def dense_html(seed: int, families: tuple[str, ...]) -> tuple[str, float, float]:
    """The form of a seed, as `form_html` gives forms; its width and height, mm."""
    rng = np.random.default_rng([seed, 3])
    wide, high = _SIZES[int(rng.integers(len(_SIZES)))]
    margin, family = rng.uniform(8, 20), families[int(rng.integers(len(families)))]
    grey, thick = int(rng.choice([0, 0, 0, 60, 120])), rng.choice([0.5, 0.5, 0.75, 1.0, 1.5])
    form = _Office(
        rng, LANGUAGES[str(rng.choice(list(LANGUAGES)))],
        str(rng.choice(["_", "_", ".", "…", ". ", "ruled", "dotted"])),
        f"{thick}px solid rgb({grey},{grey},{grey})", rng.uniform(4.0, 6.5), wide - 2 * margin,
    )  # fmt: skip
    fields, others = rng.permutation(len(_FIELDS))[: int(rng.integers(2, 6))], len(_OTHERS)
    blocks = [_head(form)]
    for _ in range(40):
        if rng.random() < 0.6:
            pick = fields if rng.random() < 0.8 else np.arange(len(_FIELDS))
            blocks.append(_FIELDS[int(rng.choice(pick))](form))
        else:
            blocks.append(_OTHERS[int(rng.integers(others))](form))
    css = _CSS.format(
        wide=wide, high=high, margin=margin, family=family, size=min(rng.uniform(7, 11.5), 2.3 * form.row),
        line=form.line, gap=rng.uniform(0.8, 4.0), lead=rng.uniform(1.1, 1.4), row=form.row,
        shade=int(rng.integers(205, 240)),
    )  # fmt: skip
    body = "".join(f'<div class="block">{block}</div>' for block in blocks)
    page = f'<div id="page"><div id="body">{body}</div></div>'
    head = f'<!doctype html><meta charset="utf-8"><style>{css}</style>'
    return head + page, float(wide), float(high)


def _head(form: _Office) -> str:
    titles = [title for some in form.words.titles.values() for title in some]
    title = escape(titles[int(form.rng.integers(len(titles)))])
    mark = logo(form.rng) if form.chance(0.6) else ""
    band = (
        '<div style="height:14mm;background:linear-gradient(#fff,#aaa)"></div>'
        if form.chance(0.15)
        else ""
    )
    rule = f"border-bottom:{form.line}" if form.chance(0.4) else ""
    return f'{band}<div class="row" style="{rule}">{mark}<h1>{title}</h1></div>'


def _section(form: _Office) -> str:
    words = escape(form.words.sections[int(form.rng.integers(len(form.words.sections)))])
    look = str(
        form.rng.choice(
            ["background:#000;color:#fff", f"border-top:{form.line}", f"border-bottom:{form.line}", "text-decoration:underline",
             f"border:{form.line}", "background:#ddd", ""]
        )
    )  # fmt: skip
    return f'<div style="{look};font-weight:bold;padding:0.4mm 1mm">{words}</div>'


def _captioned(form: _Office) -> str:
    """Lines with a small caption below each."""
    rows, out = int(form.rng.integers(1, 4)), []
    high, side = form.rng.uniform(6, 11), str(form.rng.choice(["left", "center", "right"]))
    kind = str(form.rng.choice(["ruled", "ruled", "dotted"]))
    for _ in range(rows):
        count = int(form.rng.integers(1, 5))
        parts = form.rng.dirichlet(np.full(count, 4.0)) * (form.inside - 4 * count)
        each = []
        for wide in np.maximum(parts, 16):
            word, holds = form.label(max(6, int(wide / 2.2)))
            edge = form.line if kind == "ruled" else "1px dotted #000"
            size = f"display:block;width:{wide:.1f}mm;height:{high:.1f}mm;border-bottom:{edge}"
            hint = f"({escape(word)})" if form.chance(0.2) else escape(word)
            each.append(
                f'<div>{form.field(kind, size, holds)}<div class="tiny" style="text-align:{side}">{hint}</div></div>'
            )
        out.append(f'<div class="row">{"".join(each)}</div>')
    return "".join(out)


def _text_with_gaps(form: _Office) -> str:
    """Sentences to complete."""
    lead, words = form.rng.uniform(5.5, 9), list[str]()
    for _ in range(int(form.rng.integers(1, 5))):
        words += form.sentence().split()[: int(form.rng.integers(2, 9))]
        wide = min(form.rng.choice([10, 16, 25, 40, 60, 90, 130]), form.inside - 4)
        holds = "digits" if wide < 20 else "text"
        end = str(form.rng.choice(["", "", ",", ".", ";"]))
        words.append(f"<nobr>{form.typed(float(wide), 0.85 * lead, holds)}{end}</nobr>")
        if form.chance(0.3):
            words.append(escape(form.label()[0]) + ":")
            words.append(form.typed(float(form.rng.uniform(25, 60)), 0.85 * lead, "name"))
    side = "justify" if form.chance(0.5) else "left"
    return f'<p style="line-height:{lead:.1f}mm;text-align:{side}">{" ".join(words)}</p>'


def _labelled_gaps(form: _Office) -> str:
    """Lines of labels, each with a gap to write in that goes to its end."""
    lead, out = form.rng.uniform(5.5, 10), []
    for _ in range(int(form.rng.integers(1, 5))):
        count = int(form.rng.integers(1, 4))
        each = (form.inside - 2 * count) / count
        for _ in range(count):
            word, holds = form.label(int(each / 3.6))
            wide = each - 2.3 * len(word) - 3
            if wide > 10:
                gap = form.typed(wide, 0.85 * lead, holds)
                out.append(
                    f'<span class="part" style="width:{each:.1f}mm">{escape(word)}: {gap}</span> '
                )
        out.append("<br>")
    return f'<div style="line-height:{lead:.1f}mm;white-space:nowrap">{"".join(out)}</div>'


def _label_in_cell(form: _Office) -> str:
    """Cells with the label in fine print in their upper left corner."""
    high, out = form.rng.uniform(6.5, 11), []
    for _ in range(int(form.rng.integers(2, 6))):
        parts = form.rng.dirichlet(np.full(int(form.rng.integers(1, 6)), 3.0)) * form.inside
        cells = []
        for wide in np.maximum(parts, 14):
            word, holds = form.label(max(4, int(wide / 1.7)))
            number = f"{int(form.rng.integers(1, 40))}. " if form.chance(0.3) else ""
            inner = form.field("cell", "display:block;flex:1;align-self:stretch", holds)
            cells.append(
                f'<div class="cellbox" style="width:{wide:.1f}mm;height:{high:.1f}mm"><div class="fine">{number}{escape(word)}</div>{inner}</div>'
            )
        out.append(f'<div class="cells">{"".join(cells)}</div>')
    return "".join(out)


def _label_beside_in_cell(form: _Office) -> str:
    """Low rows of cells, the label at the left of each."""
    out = []
    for _ in range(int(form.rng.integers(2, 7))):
        count = int(form.rng.integers(1, 4))
        each, cells = form.inside / count, []
        for _ in range(count):
            word, holds = form.label(int(each / 4))
            inner = form.field("cell", "display:block;flex:1;height:100%", holds)
            cells.append(
                f'<div class="cellbox beside" style="width:{each:.1f}mm;height:{form.row:.1f}mm"><span class="small">{escape(word)}&nbsp;</span>{inner}</div>'
            )
        out.append(f'<div class="cells">{"".join(cells)}</div>')
    return "".join(out)


def _amounts(form: _Office) -> str:
    """Low rows of a line of print, its number, and a cell for an amount; some cells are shut."""
    wide, columns = form.rng.uniform(18, 36), int(form.rng.integers(1, 3))
    whole, leaders, lined = form.chance(0.4), form.chance(0.7), form.chance(0.3)
    kind, rows = ("ruled", list[str]()) if lined else ("cell", list[str]())
    edges = "border-left:0;border-right:0;" if lined else ""
    for k in range(int(form.rng.integers(4, 14))):
        text = form.sentence()[: int(form.rng.integers(12, 60))]
        dots = f'<span class="dots">{" ." * 99 if leaders else ""}</span>'
        edge = f"border-bottom:{form.line}" if whole else ""
        cells = ""
        for _ in range(columns):
            shut = form.chance(0.1)
            inner = "" if shut else form.field(kind, "position:absolute;inset:0", "text")
            look = f"{edges}width:{wide:.1f}mm"
            cells += f'<span class="number" style="{edges}">{k + 1}</span>'
            cells += f'<span class="amount {"shut" * shut}" style="{look}">{inner}</span>'
        rows.append(
            f'<div class="line" style="{edge}"><span class="small what"><b>{k + 1}</b>&ensp;{text}</span>{dots}{cells}</div>'
        )
    return f'<div style="border-top:{form.line}">{"".join(rows)}</div>'


def _low_table(form: _Office) -> str:
    """A table of low empty rows below heads."""
    count, rows = int(form.rng.integers(2, 8)), int(form.rng.integers(2, 9))
    heads = "".join(f"<th>{escape(form.label(12)[0])}</th>" for _ in range(count))
    body = ""
    for row in range(rows):
        cells = f"<td>{row + 1}</td>" if count > 3 else ""
        body += f"<tr>{cells}" + "".join(
            f"<td>{form.field('cell', 'position:absolute;inset:0', 'text')}</td>"
            for _ in range(count)
        )
    first = "<th></th>" if count > 3 else ""
    return f'<table class="low"><tr>{first}{heads}</tr>{body}</table>'


def _combs(form: _Office) -> str:
    """Combs side by side, of ticks on a line or of cells, with labels before them or above."""
    each, high = form.rng.uniform(3.6, 6), form.rng.uniform(4.5, 8)
    tall = float(form.rng.choice([0.3, 0.5, 1.0]))
    closed, above, out = form.chance(0.3), form.chance(0.5), list[str]()
    for _ in range(int(form.rng.integers(1, 4))):
        room, row = form.inside, ""
        while room > 45 and (not row or form.chance(0.7)):
            word, holds = form.label(14)
            beside = 0 if above else 2.2 * len(word) + 2
            cells = min(int(form.rng.integers(4, 28)), int((room - beside) / each))
            if cells < 4:
                break
            inner = "".join(
                f'<b style="left:{k * each:.2f}mm;height:{tall * 100:.0f}%;border-left:{form.line}"></b>'
                for k in range(cells + 1)
            )
            size = f"width:{cells * each:.1f}mm;height:{high:.1f}mm;border-bottom:{form.line};overflow:visible"
            size += f";border-top:{form.line}" if closed else ""
            comb = form.field("comb", size, holds, inner, cells)
            row += (
                f'<div><div class="small">{escape(word)}</div>{comb}</div>'
                if above
                else f'<span class="small">{escape(word)}</span>{comb}'
            )
            room -= beside + cells * each + 5
        gap = form.rng.uniform(1.5, 6)
        out.append(f'<div class="row" style="gap:{gap:.1f}mm">{row}</div>')
    return "".join(out)


def _prices(form: _Office) -> str:
    """Leaders to a price: no fields."""
    dots = f'<span class="dots">{" ." * 99 if form.chance(0.5) else "." * 200}</span>'
    return "".join(
        f'<div class="line bare"><span class="what">{escape(form.label()[0])}</span>{dots}<span>{int(form.rng.integers(3, 900))},00</span></div>'
        for _ in range(int(form.rng.integers(2, 7)))
    )


def _full_table(form: _Office) -> str:
    count = int(form.rng.integers(3, 8))
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(form.label(14)[0])}</td>" for _ in range(count)) + "</tr>"
        for _ in range(int(form.rng.integers(2, 6)))
    )
    return f'<table class="full">{rows}</table>'


def _note(form: _Office) -> str:
    """Print in a frame, or with words underlined."""
    text = " ".join(form.sentence() for _ in range(int(form.rng.integers(1, 5))))
    if form.chance(0.4):
        return f'<div style="border:{form.line};padding:1mm 2mm">{text}</div>'
    words = text.split()
    some = set(form.rng.integers(len(words), size=3).tolist())
    marked = (f"<u>{word}</u>" if k in some else word for k, word in enumerate(words))
    return f'<p class="small">{" ".join(marked)}</p>'


def _footnotes(form: _Office) -> str:
    """A short line with notes below it; or one across, to cut along."""
    if form.chance(0.3):
        return f'<div style="border-top:1px dashed #000;height:1mm"></div><div class="tiny">✂ {form.sentence()}</div>'
    wide = form.rng.uniform(15, 60)
    notes = "".join(
        f"<div>{k + 1} {form.sentence()}</div>" for k in range(int(form.rng.integers(1, 4)))
    )
    return f'<div style="height:{form.rng.uniform(2, 9):.0f}mm;width:{wide:.0f}mm;border-bottom:{form.line}"></div><div class="tiny">{notes}</div>'


def _ticks(form: _Office) -> str:
    words = form.words.options[int(form.rng.integers(len(form.words.options)))]
    marks = "".join(f'<i class="tick"></i>{escape(word)} ' for word in words)
    return f'<div class="small">{form.sentence()} {marks}</div>'


_FIELDS: tuple[Callable[[_Office], str], ...] = (
    _captioned, _text_with_gaps, _labelled_gaps, _label_in_cell, _label_beside_in_cell, _amounts, _low_table, _combs,
)  # fmt: skip
_OTHERS: tuple[Callable[[_Office], str], ...] = (
    _section, _section, _prices, _full_table, _note, _footnotes, _ticks,
)  # fmt: skip
_CSS = """
html,body {{ margin:0; padding:0; background:#fff; color:#000 }}
#page {{ position:relative; width:{wide}mm; height:{high}mm; overflow:hidden; font:{size:.2f}pt/{lead:.2f} '{family}' }}
#body {{ position:absolute; inset:{margin:.1f}mm }}
.block {{ margin-bottom:{gap:.1f}mm; display:flow-root }} h1 {{ font-size:1.7em; margin:1mm }} p {{ margin:0 }}
.row {{ display:flex; gap:4mm; align-items:flex-end; margin-bottom:{gap:.1f}mm }}
.small {{ font-size:0.85em }} .tiny {{ font-size:0.7em; line-height:1.15 }} .fine {{ font-size:0.65em; line-height:1.15; padding:0 0.6mm }}
.f {{ display:inline-block; box-sizing:border-box; position:relative; overflow:hidden }}
.f b {{ position:absolute; bottom:0 }}
.leader {{ position:absolute; left:0; bottom:0; font-style:normal; line-height:1.15; white-space:nowrap }}
.part {{ display:inline-block; overflow:hidden; vertical-align:bottom }}
.cells {{ display:flex; border-left:{line}; margin-top:-0.5px }}
.cellbox {{ box-sizing:border-box; border:{line}; border-left:0; display:flex; flex-direction:column; overflow:hidden }}
.cellbox.beside {{ flex-direction:row; align-items:center; white-space:nowrap; padding-left:0.6mm }}
.line {{ display:flex; align-items:stretch; height:{row:.1f}mm; line-height:{row:.1f}mm }} .line.bare {{ height:auto; line-height:inherit }}
.what {{ white-space:nowrap }} .dots {{ flex:1; overflow:hidden; white-space:nowrap; direction:rtl; margin:0 1mm }}
.number {{ width:7mm; text-align:center; border-left:{line}; border-bottom:{line}; font-size:0.8em; box-sizing:border-box }}
.amount {{ position:relative; border-left:{line}; border-bottom:{line}; border-right:{line}; box-sizing:border-box }} .shut {{ background:rgb({shade},{shade},{shade}) }}
table {{ border-collapse:collapse; width:100% }} th,td {{ border:{line}; padding:0 1mm; position:relative; font-size:0.85em; text-align:left }}
.low tr {{ height:{row:.1f}mm }}
.tick {{ display:inline-block; width:2.6mm; height:2.6mm; border:{line}; margin:0 1mm 0 2mm }}
"""
