"""What a model read of a split: figures with intervals, by length and by size."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from hwr_edge.folders import make_folder
from hwr_edge.line.metrics import (
    Score,
    calibration_by_chance,
    calibration_error,
    coverage,
    edit_distance,
    score,
)
from hwr_train.data.checked import Checked, plain
from hwr_train.data.row import Row
from hwr_train.files import replace_csv, replace_text
from hwr_train.measuring.empty_fields import EMPTY_FIELDS
from hwr_train.measuring.roster_answers import RosterAnswers

LENGTHS = (
    (1, 4),
    (5, 6),
    (7, 8),
    (9, 11),
    (12, 99),
)  # letters, from and to, of names that are counted together


@dataclass(frozen=True)
class Evaluation:
    """Truth and reading of every usable row, with what was left out.

    sizes: width and height of each image in pixels.
    empty: how many of EMPTY_FIELDS drawn fields with nothing written were read as empty.
    roster: None where there is no training split to make rosters of, or no calibrated model. Where
        labels were checked, its truths are what is written.
    checked: by id, what is written where the label was checked; empty where no table was named.
    """

    model: str
    split: str
    decoder: str
    rows: tuple[Row, ...]
    readings: tuple[str, ...]
    confidences: tuple[float, ...]
    sizes: tuple[tuple[int, int], ...]
    left_out: dict[str, int]
    empty: int
    roster: RosterAnswers | None = None
    checked: Mapping[str, Checked] = field(default_factory=dict)

    @property
    def right(self) -> list[bool]:
        """Whether each row was read without a fault."""
        return [row.text == text for row, text in zip(self.rows, self.readings, strict=True)]

    @cached_property
    def confidence_figures(self) -> dict[str, float]:
        """Calibration error, that of chance alone, and how much is read at what accuracy, as fractions."""
        chance, low, high = calibration_by_chance(self.confidences)
        return {
            "calibration_error": calibration_error(self.confidences, self.right),
            "by_chance": chance,
            "by_chance_low": low,
            "by_chance_high": high,
            "coverage_at_95": coverage(self.confidences, self.right, 0.95),
            "coverage_at_99": coverage(self.confidences, self.right, 0.99),
        }

    @property
    def score(self) -> Score:
        """Over all usable rows."""
        return score([row.text for row in self.rows], self.readings)

    @cached_property
    def against_checked(self) -> Evaluation:
        """The same against what is written: of the rows where a check found that out.

        Of several accepted texts the nearest to the reading is the truth. A doubled hyphen counts as one.
        """
        rows, readings, picked = [], [], []
        for k, (row, reading) in enumerate(zip(self.rows, map(plain, self.readings), strict=True)):
            if accepted := self._accepted(row):
                edits = [edit_distance(text, reading) for text in accepted]
                rows.append(replace(row, text=accepted[edits.index(min(edits))]))
                readings.append(reading)
                picked.append(k)
        return replace(
            self,
            rows=tuple(rows),
            readings=tuple(readings),
            confidences=tuple(self.confidences[k] for k in picked),
            sizes=tuple(self.sizes[k] for k in picked),
            checked={},
        )

    def _accepted(self, row: Row) -> tuple[str, ...]:
        found = self.checked.get(row.name)
        return (plain(row.text),) if found is None else found.accepted

    @cached_property
    def to_look_at(self) -> list[int]:
        """Places of the rows that are read otherwise than labelled, and whose label nobody changed or confirmed.

        A table of checked labels also says `same` of rows that nobody looked at, because no model read
        them otherwise.
        """
        pairs = enumerate(zip(self.rows, self.readings, strict=True))
        return [
            k
            for k, (row, text) in pairs
            if plain(text) != plain(row.text) and not self._settled(row)
        ]

    def _settled(self, row: Row) -> bool:
        found = self.checked.get(row.name)
        return found is not None and (found.looked_at or found.status != "same")

    def by_length(self) -> dict[str, Score]:
        """Score for each range of letters in the truth that occurs."""
        labels = {
            low: f"{low} to {high}" if high < 99 else f"{low} and more" for low, high in LENGTHS
        }
        places = [max(low for low in labels if low <= len(row.text)) for row in self.rows]
        return {labels[low]: self._part(places, low) for low in sorted(set(places))}

    def by_layout(self) -> dict[str, Score]:
        """Score for each kind of crop, told by its size in pixels, the most frequent first."""
        places = [f"{w // 20 * 20}+ by {h // 10 * 10}+" for w, h in self.sizes]
        return {place: self._part(places, place) for place, _ in Counter(places).most_common()}

    def _part(self, places: Sequence[object], place: object) -> Score:
        picked = [i for i, found in enumerate(places) if found == place]
        return score([self.rows[i].text for i in picked], [self.readings[i] for i in picked])

    def to_json(self) -> str:
        """Figures alone: no name of anybody."""
        content = {
            "model": self.model,
            "split": self.split,
            "decoder": self.decoder,
            **self.score.to_json(),
            "left_out": self.left_out,
            "empty_fields": {"drawn": EMPTY_FIELDS, "read_as_empty": self.empty},
            "confidence": self.confidence_figures,
            "roster": self.roster.to_json() if self.roster else None,
            **({"checked": self._checked_json()} if self.checked else {}),
            "by_letters": {k: v.to_json() for k, v in self.by_length().items()},
            "by_size": {k: v.to_json() for k, v in self.by_layout().items()},
        }
        return json.dumps(content, indent=1) + "\n"

    def _checked_json(self) -> dict[str, object]:
        found = self.against_checked
        return {
            **found.score.to_json(),
            "confidence": found.confidence_figures,
            "to_look_at": len(self.to_look_at),
        }

    def to_text(self) -> str:
        """Figures for people."""
        left = ", ".join(f"{n} {why}" for why, n in self.left_out.items()) or "none"
        lines = [
            f"{self.model} on {self.split}, {self.decoder}",
            self.score.line(),
            f"rows left out: {left}",
            f"drawn empty fields read as empty: {self.empty} of {EMPTY_FIELDS}",
            self._confidence_line(),
            *([self.roster.line()] if self.roster else []),
            *(self._checked_lines() if self.checked else []),
            "by letters of the name:",
        ]
        lines += [f"  {label:>12}  {one.line()}" for label, one in self.by_length().items()]
        return "\n".join(lines)

    def _checked_lines(self) -> list[str]:
        found = self.against_checked
        return [
            f"against checked labels: {found.score.line()}",
            f"  {found._confidence_line()}",
            f"  {len(self.to_look_at)} rows whose label nobody looked at are read otherwise: to-look-at.csv",
        ]

    def _confidence_line(self) -> str:
        return (
            "confidence: calibration error {calibration_error:.2%} (a perfect one, by chance: "
            "{by_chance:.2%} [{by_chance_low:.2%}, {by_chance_high:.2%}]), coverage at 95 % right "
            "{coverage_at_95:.1%}, at 99 % {coverage_at_99:.1%}".format(**self.confidence_figures)
        )


def write_evaluation(evaluation: Evaluation, folder: Path) -> None:
    """figures.json, figures.txt and, with people's names in it, readings.csv."""
    make_folder(folder)
    replace_text(folder / "figures.json", evaluation.to_json())
    replace_text(folder / "figures.txt", evaluation.to_text() + "\n")
    listed = zip(evaluation.rows, evaluation.readings, evaluation.confidences, strict=True)
    listing = [
        (row.name, row.text, text, f"{sure:.4f}", int(row.text == text))
        for row, text, sure in listed
    ]
    heading = ("id", "truth", "reading", "confidence", "right")
    replace_csv(folder / "readings.csv", [heading, *listing])
    if evaluation.checked:
        to_look_at = [listing[k][:4] for k in evaluation.to_look_at]
        replace_csv(
            folder / "to-look-at.csv", [("id", "label", "reading", "confidence"), *to_look_at]
        )
