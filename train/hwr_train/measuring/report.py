"""An evaluation as one self-contained HTML page. It shows crops: it stays out of the repository."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

from hwr_edge.line.metrics import Score
from hwr_train.files import replace_text
from hwr_train.measuring.empty_fields import EMPTY_FIELDS
from hwr_train.measuring.evaluation import Evaluation
from hwr_train.measuring.report_errors import confusion_part, confusions, error_part
from hwr_train.measuring.report_plots import Log, confidence_part, curve_part

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
        confusion_part(confusions(truths, evaluation.readings)),
        confidence_part(evaluation),
        curve_part(log) if log else "",
        error_part(evaluation),
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
        f"{len(evaluation.to_look_at)} rows whose label nobody looked at are read otherwise: look at them, "
        "the label may be wrong.</p>"
    )
