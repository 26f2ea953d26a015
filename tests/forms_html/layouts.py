"""A form as HTML, drawn at random from a seed: language, subject, typography and blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

import numpy as np

from forms_html.fields_html import FieldStyle, field_html, field_style
from forms_html.logos import logo
from forms_html.words import LANGUAGES, Words

SUBJECTS = ("registration", "medical", "membership", "exam")
SIZES = ((210, 297),) * 6 + ((216, 279), (216, 279), (148, 210), (297, 210))
"""Of the paper, mm."""


@dataclass
class Design:
    """What all blocks of a form share; `inside` is the width between its margins, mm."""

    rng: np.random.Generator
    words: Words
    subject: str
    fields: FieldStyle
    inside: float
    accent: str
    heading: str
    label: str
    count: int = 0
    labels: list[tuple[str, str]] = field(default_factory=list)

    def pick(self, some: tuple[str, ...]) -> str:
        """One of some texts, escaped."""
        return escape(some[int(self.rng.integers(len(some)))])

    def chance(self, part: float) -> bool:
        """True so often."""
        return bool(self.rng.random() < part)

    def next_label(self) -> tuple[str, str]:
        """A label that the form has not yet, and what its field holds."""
        if not self.labels:
            order = self.rng.permutation(len(self.words.labels))
            self.labels = [self.words.labels[int(k)] for k in order]
        return self.labels.pop()

    def named(self, word: str) -> str:
        """A name for a field that no other has."""
        self.count += 1
        return f"{self.count:02d} {word}"


def form_html(seed: int, families: tuple[str, ...]) -> tuple[str, float, float]:
    """The form of a seed, in fonts of those families; its width and height, mm."""
    rng = np.random.default_rng(seed)
    wide, high = SIZES[int(rng.integers(len(SIZES)))]
    margin = rng.uniform(10, 20)
    body, head = (families[int(k)] for k in rng.integers(len(families), size=2))
    head = body if rng.random() < 0.5 else head
    accent = str(rng.choice(["#000", "#000", "#123a6b", "#7a1020", "#0b5a32", "#444"]))
    words = LANGUAGES[str(rng.choice(list(LANGUAGES)))]
    columns = 2 if wide > 180 and rng.random() < 0.2 else 1
    inside = (wide - 2 * margin - 8 * (columns - 1)) / columns
    design = Design(
        rng, words, SUBJECTS[seed % len(SUBJECTS)], field_style(rng), inside, accent,
        str(rng.choice(["bar", "line", "plain", "boxed"])),
        str(rng.choice(["left", "left", "above", "inside", "below"])),
    )  # fmt: skip
    blocks = _header(design) + "".join(_blocks(design))
    weight = rng.choice([300, 400, 400, 400, 500, 700])
    size = rng.uniform(7.5, 12.0) * (0.85 if wide < 160 else 1)
    css = _CSS.format(
        body=body, head=head, size=size, weight=weight, margin=margin, wide=wide, high=high,
        accent=accent, line=design.fields.line, gap=rng.uniform(1.2, 3.5),
        stretch=rng.choice(["normal", "normal", "normal", "condensed"]),
        style="italic" if rng.random() < 0.08 else "normal",
        spacing=rng.choice([0, 0, 0, 0.04, 0.12]), columns=columns,
        frame=design.fields.line if rng.random() < 0.12 else "0",
    )  # fmt: skip
    foot = _footer(design)
    page = f'<div id="page"><div id="body">{blocks}</div>{foot}</div>'
    return (
        f'<!doctype html><meta charset="utf-8"><style>{css}</style>{page}',
        float(wide),
        float(high),
    )


def _blocks(design: Design) -> list[str]:
    """More than a page holds: what runs over is taken out after typesetting."""
    kinds: list[tuple[Callable[[Design], str], float]] = [
        (_rows, 9), (_ticks, 2), (_sentences, 1.2), (_table, 1.3), (_fine_print, 0.8), (_office, 0.5),
        (_signature, 0.8), (_text_area, 0.5),
    ]  # fmt: skip
    if design.subject == "exam":
        kinds += [(_bubbles, 2), (_questions, 3), (_marks, 1.5)]
    shares = np.array([share for _, share in kinds])
    out = []
    for k in range(40):
        if k % int(design.rng.integers(3, 6)) == 0:
            out.append(_section(design))
        which = 0 if k == 0 else design.rng.choice(len(kinds), p=shares / shares.sum())
        out.append(kinds[int(which)][0](design))
    return [f'<div class="block">{block}</div>' for block in out]


def _header(design: Design) -> str:
    title = f'<h1 class="h">{design.pick(design.words.titles[design.subject])}</h1>'
    body = f'<div class="org">{design.pick(design.words.bodies)}</div>'
    lines = [body] if design.chance(0.7) else []
    if design.chance(0.4):
        number = int(design.rng.integers(1000, 99999))
        lines.append(
            f'<div class="tiny">{number % 97} rue de la Gare · {number} · tel. 0{number % 10} {number}</div>'
        )
    place = str(design.rng.choice(["left", "right", "none", "center"]))
    mark = logo(design.rng) if place != "none" else ""
    text = "".join([*lines, title] if design.chance(0.6) else [title, *lines])
    photo = '<div class="photo">Photo</div>' if design.chance(0.15) else ""
    align = "center" if place in ("center", "none") and design.chance(0.7) else "left"
    row = {
        "left": f"{mark}<div class=grow>{text}</div>{photo}",
        "right": f"<div class=grow>{text}</div>{photo}{mark}",
    }
    inner = row.get(place, f"<div class=grow>{mark}{text}</div>{photo}")
    rule = f"border-bottom:{design.fields.line};" if design.chance(0.4) else ""
    return f'<div class="block head" style="text-align:{align};{rule}">{inner}</div>'


def _section(design: Design) -> str:
    number = f"{int(design.rng.integers(1, 9))}. " if design.chance(0.4) else ""
    return f'<h2 class="h {design.heading}">{number}{design.pick(design.words.sections)}</h2>'


def _rows(design: Design) -> str:
    """Rows of one to three fields."""
    out = []
    for _ in range(int(design.rng.integers(1, 4))):
        most = 1 if design.inside < 140 else 2 if design.inside < 200 else 3
        count = 1 if design.chance(0.55) else int(design.rng.integers(1, most + 1))
        kinds = design.fields.kinds
        kind = (
            kinds[0]
            if design.chance(0.7)
            else kinds[int(design.rng.integers(len(design.fields.kinds)))]
        )
        if kind == "comb" and design.inside / count < 85:
            count = 1
        fields = "".join(_field(design, kind, design.inside / count - 4) for _ in range(count))
        out.append(f'<div class="row">{fields}</div>')
    return "".join(out)


def _field(design: Design, kind: str, wide: float) -> str:
    word, holds = design.next_label()
    name, text = design.named(word), escape(word)
    if design.label == "left":
        room = min(max(1.9 * len(word) + 3, 0.28 * wide), 0.55 * wide)
        colon = str(design.rng.choice([":", "", " :"]))
        inner = field_html(design.fields, kind, name, holds, wide - room - 1)
        return f'<div class="field"><span class="lab" style="width:{room:.1f}mm">{text}{colon}</span>{inner}</div>'
    if design.label == "inside" and kind in ("box", "shaded"):
        inner = field_html(design.fields, kind, name, holds, wide, design.fields.high)
        head = f'<span class="tiny">{text}</span>'
        look = (
            f"border:{design.fields.line}" if kind == "box" else f"background:{design.fields.shade}"
        )
        inner = inner.replace(f"border:{design.fields.line}", "border:0")
        return f'<div class="stack" style="{look};padding:0.5mm 1mm 0 1mm">{head}{inner}</div>'
    inner = field_html(design.fields, kind, name, holds, wide)
    label = f'<span class="lab">{text}</span>'
    below = design.label == "below" and kind in ("ruled", "dotted")
    stack = inner + label.replace("lab", "tiny") if below else label + inner
    return f'<div class="stack">{stack}</div>'


def _ticks(design: Design) -> str:
    words = design.words.options[int(design.rng.integers(len(design.words.options)))]
    shape = "circle" if design.chance(0.3) else "square"
    ticks = "".join(
        f'<i class="{shape}"></i><span class="opt">{escape(word)}</span>' for word in words
    )
    if design.chance(0.15):
        ticks = " / ".join(escape(word) for word in words)
    return f'<div class="row"><span class="lab q">{design.pick(design.words.questions)}</span>{ticks}</div>'


def _sentences(design: Design) -> str:
    count = int(design.rng.integers(1, 4))
    text = " ".join(design.pick(design.words.sentences) for _ in range(count))
    look = str(
        design.rng.choice(["", "font-weight:bold", "font-style:italic", "text-align:center"])
    )
    return f'<p style="{look}">{text}</p>'


def _fine_print(design: Design) -> str:
    columns = 2 if design.chance(0.5) else 1
    lines = [design.pick(design.words.sentences) for _ in range(int(design.rng.integers(4, 9)))]
    if design.chance(0.4):
        return "<ul class=tiny>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"
    return f'<p class="tiny" style="columns:{columns}">{" ".join(lines)}</p>'


def _table(design: Design) -> str:
    """Columns with headings; the empty cells are fields."""
    most = max(3, min(6, int(design.inside / 34)))
    count = int(design.rng.integers(2, most + 1))
    heads = list(design.words.columns[1:])
    design.rng.shuffle(heads)
    numbered = design.chance(0.5)
    shade = f"background:{design.fields.shade}" if design.chance(0.5) else ""
    first = (
        f"<th style='width:9mm;{shade}'>{escape(design.words.columns[0])}</th>" if numbered else ""
    )
    top = "".join(f"<th style='{shade}'>{escape(head)}</th>" for head in heads[:count])
    high, body = design.rng.uniform(7, 10), []
    for row in range(int(design.rng.integers(2, 7))):
        cells = f"<td>{row + 1}</td>" if numbered else ""
        for head in heads[:count]:
            holds = "name" if head in design.words.columns[1:3] else "text"
            name = escape(design.named(f"{head} {row + 1}"))
            cells += f'<td class="f" data-kind="cell" data-name="{name}" data-holds="{holds}" style="height:{high:.1f}mm"></td>'
        body.append(f"<tr>{cells}</tr>")
    return f"<table><tr>{first}{top}</tr>{''.join(body)}</table>"


def _office(design: Design) -> str:
    boxes = "".join(
        f'<span class="stamp w">{escape(design.next_label()[0])}</span>'
        for _ in range(int(design.rng.integers(1, 4)))
    )
    return f'<div class="office" style="background:{design.fields.shade}"><b>{escape(design.words.office)}</b><div class="row">{boxes}</div></div>'


def _signature(design: Design) -> str:
    place = field_html(design.fields, "ruled", design.named(design.words.place), "name", 40)
    date = field_html(design.fields, "ruled", design.named(design.words.date), "digits", 32)
    sign = field_html(design.fields, "ruled", design.named(design.words.signature), "sign", 50)
    words = design.words
    parts = [(words.place, place), (words.date, date), (words.signature, sign)]
    kept = parts if design.inside > 165 else parts[1:]
    return (
        '<div class="row">'
        + "".join(f'<span class="lab">{escape(w)}</span>{f}' for w, f in kept)
        + "</div>"
    )


def _text_area(design: Design) -> str:
    high = design.rng.uniform(20, 40)
    word = design.next_label()[0]
    return f'<div class="lab">{escape(word)}</div><div class="area w" style="height:{high:.0f}mm"></div>'


def _bubbles(design: Design) -> str:
    """Answers to mark, in one to three columns."""
    rows, columns = int(design.rng.integers(5, 16)), int(design.rng.integers(2, 4))
    letters = "ABCDE"[: int(design.rng.integers(4, 6))]
    filled = design.chance(0.6)
    each = []
    for k in range(columns * rows):
        inner = "".join(f'<i class="bubble">{c if filled else ""}</i>' for c in letters)
        each.append(f'<div class="answer"><span>{k + 1}</span>{inner}</div>')
    return f'<div style="columns:{columns}">{"".join(each)}</div>'


def _questions(design: Design) -> str:
    number, marks = int(design.rng.integers(1, 15)), int(design.rng.integers(1, 6))
    lines = "".join(
        f'<div class="w" style="border-bottom:{design.fields.line};height:8mm"></div>'
        for _ in range(int(design.rng.integers(1, 4)))
    )
    return f"<p><b>{number}.</b> {design.pick(design.words.sentences)} ({marks})</p>{lines}"


def _marks(design: Design) -> str:
    count = int(design.rng.integers(4, 11))
    heads = "".join(f"<th>{k + 1}</th>" for k in range(count))
    cells = "<td class='w' style='height:8mm'></td>" * (count + 1)
    word = escape(design.words.columns[8])
    return f"<table><tr><th>{word}</th>{heads}</tr><tr>{cells}</tr></table>"


def _footer(design: Design) -> str:
    number = int(design.rng.integers(100, 9999))
    text = f"{escape(design.words.page)} &nbsp; Form {number}-{number % 7}/{number % 13}"
    side = str(design.rng.choice(["left", "center", "right"]))
    return (
        f'<div id="foot" class="tiny" style="text-align:{side}">{text}</div>'
        if design.chance(0.7)
        else ""
    )


_CSS = """
@page {{ margin:0 }}
html,body {{ margin:0; padding:0; background:#fff; color:#000 }}
#page {{ position:relative; width:{wide}mm; height:{high}mm; overflow:hidden;
  font:{style} {weight} {size:.2f}pt/1.25 '{body}'; font-stretch:{stretch} }}
#body {{ position:absolute; left:{margin:.1f}mm; right:{margin:.1f}mm; top:{margin:.1f}mm; bottom:{margin:.1f}mm;
  columns:{columns}; column-gap:8mm; column-fill:auto; outline:{frame}; outline-offset:3mm }}
#foot {{ position:absolute; left:{margin:.1f}mm; right:{margin:.1f}mm; bottom:6mm }}
.block {{ break-inside:avoid; margin-bottom:{gap:.1f}mm }} .head {{ display:flex; gap:4mm; align-items:center; padding-bottom:2mm }}
.h {{ font-family:'{head}','{body}'; color:{accent}; letter-spacing:{spacing}em }}
h1 {{ font-size:1.8em; margin:1mm 0 }} h2 {{ font-size:1.15em; margin:1.5mm 0 1mm 0 }}
h2.bar {{ background:{accent}; color:#fff; padding:0.8mm 2mm }} h2.line {{ border-bottom:{line} }}
h2.boxed {{ border:{line}; padding:0.8mm 2mm }}
.grow {{ flex:1 }} .org {{ font-size:1.1em }} .tiny {{ font-size:0.68em; line-height:1.2 }}
.photo {{ width:22mm; height:28mm; border:{line}; text-align:center; padding-top:10mm; box-sizing:border-box }}
.row {{ display:flex; gap:4mm; align-items:flex-end; margin-bottom:{gap:.1f}mm }}
.field {{ display:flex; align-items:flex-end }} .stack {{ display:flex; flex-direction:column }}
.lab {{ display:inline-block; white-space:nowrap }} .q {{ min-width:40mm }}
.f {{ display:inline-block; box-sizing:border-box; position:relative; overflow:hidden; flex:none }}
.comb {{ display:inline-flex }} .cell {{ flex:1; position:relative; box-sizing:border-box }}
.tick {{ position:absolute; left:0; bottom:0; height:35% }}
.dots {{ position:absolute; left:0; bottom:0.6mm; font-style:normal; line-height:1 }}
.square,.circle {{ display:inline-block; width:3.2mm; height:3.2mm; border:{line}; box-sizing:border-box }}
.circle,.bubble {{ border-radius:50% }} .opt {{ margin:0 3mm 0 -2.5mm }}
.bubble {{ display:inline-block; width:4mm; height:4mm; border:0.75px solid #333; font:normal 6pt/4mm '{body}';
  text-align:center; margin-left:2mm; box-sizing:border-box }}
.answer {{ white-space:nowrap; break-inside:avoid }} .answer span {{ display:inline-block; width:7mm }}
table {{ border-collapse:collapse; width:100% }} th,td {{ border:{line}; padding:0.6mm 1.2mm; text-align:left }}
td.f {{ display:table-cell; padding:0 }} ul {{ margin:0; padding-left:4mm }} p {{ margin:0 }}
.office {{ border:{line}; padding:2mm }} .stamp {{ flex:1; height:9mm; background:#fff; border:{line}; font-size:0.7em; padding:0.5mm }}
.area {{ border:{line} }}
"""
