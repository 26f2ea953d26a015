"""Wrong readings in a report: letters taken for others, and each name that was misread."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from html import escape

import cv2
from rapidfuzz.distance import Levenshtein

from hwr_train.measuring.evaluation import Evaluation

_NOTHING = "∅"
_MOST_CONFUSIONS = 24  # pairs of letters that are listed


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


def confusion_part(counts: Counter[tuple[str, str]]) -> str:
    """HTML of the letters that are taken for others, the most frequent first."""
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


def error_part(evaluation: Evaluation) -> str:
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
