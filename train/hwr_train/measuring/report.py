"""An evaluation as one self-contained HTML page. It shows crops: it stays out of the repository."""

from __future__ import annotations

import base64
import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import cv2
import numpy as np
from matplotlib.figure import Figure
from rapidfuzz.distance import Levenshtein

from hwr_edge.errors import DataError
from hwr_edge.line.metrics import Score, accuracy_curve
from hwr_train.files import replace_text
from hwr_train.measuring.empty_fields import EMPTY_FIELDS
from hwr_train.measuring.evaluation import Evaluation

_NOTHING = "∅"
_LOSSES, _ERRORS = ("loss", "val_loss"), ("val_cer",)
_MOST_CONFUSIONS = 24  # pairs of letters that are listed
_BINS = 15  # of confidence, with as many readings each

Log = Sequence[Mapping[str, float]]
"""Figures of a run by epoch, as its log.csv has them."""

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --bar: #4a7fc1; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
.big { font-size: 2rem; font-weight: 600 } .note { opacity: .75 }
.figures { display: flex; gap: 3rem; flex-wrap: wrap }
table { border-collapse: collapse } td, th { padding: .2rem .8rem .2rem 0; text-align: left; border-bottom: 1px solid var(--line) }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
.bar { background: var(--bar); height: .7rem; display: inline-block; border-radius: 2px }
.letters { display: flex; flex-wrap: wrap; gap: .4rem 1.6rem }
.errors { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 1rem }
figure { margin: 0; border: 1px solid var(--line); border-radius: 6px; padding: .6rem; overflow: hidden }
figure img { max-width: 100%; background: #fff } figcaption { font-family: ui-monospace, monospace; font-size: .85rem }
del { color: #c33 } ins { color: #2a8a4a; text-decoration: none; font-weight: 600 }
"""


def confusions(truths: Sequence[str], readings: Sequence[str]) -> Counter[tuple[str, str]]:
    """How often a letter was read as another; "" stands for no letter.

    The edits of a shortest way from truth to reading (Levenshtein 1966).
    """
    counts: Counter[tuple[str, str]] = Counter()
    for truth, reading in zip(truths, readings, strict=True):
        for edit in Levenshtein.editops(truth, reading):
            before = truth[edit.src_pos] if edit.tag != "insert" else ""
            after = reading[edit.dest_pos] if edit.tag != "delete" else ""
            counts[before, after] += 1
    return counts


def write_report(
    evaluation: Evaluation,
    path: Path,
    log: Log = (),
) -> None:
    """Write the page.

    Args:
        evaluation: what was read.
        path: the .html file.
        log: of the run that trained the model, for its learning curve.

    Raises:
        OutputError: the page cannot be written.
    """
    truths = [row.text for row in evaluation.rows]
    whole = evaluation.score
    parts = [
        f"<h1>{escape(evaluation.model)} on {escape(evaluation.split)}</h1>",
        f"<p class=note>{evaluation.decoder}; {whole.names} names; left out: {_left_out(evaluation)}; "
        "the page shows people's names: keep it where the data lies</p>",
        "<div class=figures>",
        _figure("names read exactly", whole.exact, whole.exact_interval),
        _figure("character error rate", whole.cer, whole.cer_interval),
        "</div>",
        f"<p>{evaluation.empty} of {EMPTY_FIELDS} drawn fields with nothing written were read as empty.</p>",
        _scores("By letters of the name", evaluation.by_length()),
        _scores("By size of the crop", evaluation.by_layout()),
        _checked_part(evaluation) if evaluation.checked else "",
        _confusion_part(confusions(truths, evaluation.readings)),
        _confidence_part(evaluation),
        _curve_part(log) if log else "",
        _error_part(evaluation),
    ]
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width">'
        f"<title>{escape(evaluation.model)}: {whole.exact:.1%} exact</title><style>{_STYLE}</style>"
        + "\n".join(parts)
    )
    replace_text(path, page + "\n")


def _left_out(evaluation: Evaluation) -> str:
    return escape(", ".join(f"{n} {why}" for why, n in evaluation.left_out.items()) or "none")


def _figure(what: str, share: float, interval: tuple[float, float]) -> str:
    low, high = interval
    return (
        f"<div><div class=big>{share:.2%}</div>{what}"
        f"<div class=note>95 %: {low:.2%} to {high:.2%}</div></div>"
    )


def _scores(title: str, scores: Mapping[str, Score]) -> str:
    rows = "".join(
        f"<tr><td>{escape(label)}<td class=n>{s.names}<td class=n>{s.exact:.1%}"
        f"<td class=note>{s.exact_interval[0]:.0%} to {s.exact_interval[1]:.0%}"
        f"<td class=n>{s.cer:.2%}"
        for label, s in scores.items()
    )
    return (
        f"<h2>{title}</h2><table><tr><th><th class=n>names<th class=n>exact<th>95 %"
        f"<th class=n>CER{rows}</table>"
    )


def _checked_part(evaluation: Evaluation) -> str:
    """Figures against what is written."""
    whole, sure = evaluation.against_checked.score, evaluation.against_checked.confidence_figures
    return (
        "<h2>Against checked labels</h2><div class=figures>"
        + _figure("names read exactly", whole.exact, whole.exact_interval)
        + _figure("character error rate", whole.cer, whole.cer_interval)
        + f"</div><p>{whole.names} names whose writing was checked. 95 % of the surest "
        f"{sure['coverage_at_95']:.1%} are right, 99 % of the surest {sure['coverage_at_99']:.1%}. "
        f"{len(evaluation.to_look_at)} rows whose label nobody changed are read otherwise: look at them, "
        "the label may be wrong.</p>"
    )


def _confusion_part(counts: Counter[tuple[str, str]]) -> str:
    most = counts.most_common(_MOST_CONFUSIONS)
    cells = "".join(
        f"<span><b>{escape(_shown(a))}</b> → {escape(_shown(b))} <span class=note>{n}</span></span>"
        for (a, b), n in most
    )
    return (
        f"<h2>Letters taken for others</h2><div class=letters>{cells}</div>"
        f"<p class=note>{_NOTHING} is no letter: missed on the right, put in on the left; "
        f"{sum(counts.values())} edits in all</p>"
    )


def _shown(letter: str) -> str:
    return {"": _NOTHING, " ": "space"}.get(letter, letter)


def _confidence_part(evaluation: Evaluation) -> str:
    """Is a confidence of 0.9 right nine times in ten, and how much can be read how well?"""
    figures = evaluation.confidence_figures
    sure, right = np.array(evaluation.confidences), np.array(evaluation.right, float)
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    reliability, covered = figure.subplots(1, 2)
    parts = np.array_split(np.argsort(sure, kind="stable"), min(_BINS, len(sure)))
    reliability.plot([0, 1], [0, 1], color="grey", linewidth=1)
    reliability.plot([sure[p].mean() for p in parts], [right[p].mean() for p in parts], "o-")
    reliability.set(xlabel="confidence", ylabel="right", xlim=(0, 1.02), ylim=(0, 1.02))
    curve = accuracy_curve(evaluation.confidences, evaluation.right)
    covered.plot(np.arange(1, len(curve) + 1) / len(curve), curve)
    covered.set(xlabel="names accepted, the surest first", ylabel="of them right", xlim=(0, 1))
    return (
        "<h2>How far the confidence can be relied on</h2>"
        f"<img alt='reliability diagram, and accuracy by coverage' src='{_png(figure)}'>"
        f"<p>Calibration error {figures['calibration_error']:.2%} ({_BINS} bins of equally many "
        f"names; a perfect confidence would show {figures['by_chance']:.2%} by chance, "
        f"{figures['by_chance_low']:.2%} to {figures['by_chance_high']:.2%}). 95 % of the surest "
        f"{figures['coverage_at_95']:.1%} are right, 99 % of the surest "
        f"{figures['coverage_at_99']:.1%}.</p>"
        + (f"<p>{escape(evaluation.roster.line())}</p>" if evaluation.roster else "")
    )


def read_log(path: Path) -> Log:
    """The figures of a run's epochs.

    Raises:
        DataError: it is no log.csv of a run.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(lines)]
        if not rows or not {"epoch", *_LOSSES, *_ERRORS} <= rows[0].keys():
            raise ValueError("no epoch in it")
    except (OSError, ValueError, TypeError) as error:
        raise DataError(f"{path}: not the log of a run ({error})") from error
    return rows


def _curve_part(log: Log) -> str:
    figure = Figure(figsize=(8, 3), layout="constrained")
    left, right = figure.subplots(1, 2)
    for axis, keys in ((left, _LOSSES), (right, _ERRORS)):
        for key in keys:
            axis.plot([row["epoch"] for row in log[1:]], [row[key] for row in log[1:]], label=key)
        axis.set_xlabel("epoch")
        axis.legend()
    return f"<h2>Learning</h2><img alt='learning curves' src='{_png(figure)}'>"


def _png(figure: Figure) -> str:
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=110)
    return _inline(image.getvalue())


def _error_part(evaluation: Evaluation) -> str:
    """Every wrong reading with its image, the surest first."""
    wrong = [
        (sure, row, text)
        for row, text, sure in zip(
            evaluation.rows, evaluation.readings, evaluation.confidences, strict=True
        )
        if row.text != text
    ]
    cards = []
    for sure, row, text in sorted(wrong, key=lambda one: -one[0]):
        png = cv2.imencode(".png", row.grey())[1].tobytes()
        checked = evaluation.checked.get(row.name)
        verdict = f" · {checked.status}: {' or '.join(checked.accepted)}" if checked else ""
        cards.append(
            f"<figure><img alt='' src='{_inline(png)}'><figcaption>{_marked(row.text, text)}<br>"
            f"<span class=note>{sure:.2f} · {escape(row.name)}{escape(verdict)}</span>"
            "</figcaption></figure>"
        )
    return (
        f"<h2>All {len(cards)} wrong readings, the surest first</h2>"
        "<p class=note>label with <del>what was not read</del> and <ins>what was read instead</ins>"
        f"</p><div class=errors>{''.join(cards)}</div>"
    )


def _marked(truth: str, reading: str) -> str:
    """The truth with what the reading has otherwise."""
    parts = []
    for step in Levenshtein.opcodes(truth, reading):
        before = escape(truth[step.src_start : step.src_end])
        after = escape(reading[step.dest_start : step.dest_end])
        if step.tag == "equal":
            parts.append(before)
        else:
            parts.append(
                (f"<del>{before}</del>" if before else "")
                + (f"<ins>{after}</ins>" if after else "")
            )
    return "".join(parts)


def _inline(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
