"""Plots of a report: learning curves, and how far the confidence can be relied on."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from hwr_edge.errors import DataError
from hwr_edge.line.metrics import accuracy_curve
from hwr_train.measuring.evaluation import Evaluation
from hwr_train.measuring.report_errors import _inline

_LOSSES, _ERRORS = ("loss", "val_loss"), ("val_cer",)
_BINS = 15  # of confidence, with as many readings each
Log = Sequence[Mapping[str, float]]
"""Figures of a run by epoch, as its log.csv has them."""


def confidence_part(evaluation: Evaluation) -> str:
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


def curve_part(log: Log) -> str:
    """HTML of the learning curves of a run."""
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
