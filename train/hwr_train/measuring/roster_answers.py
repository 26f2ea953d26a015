"""How well readings are matched to rosters, with and without the truth on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hwr_edge.errors import DataError
from hwr_edge.line.metrics import wilson
from hwr_edge.line.preprocess import preprocess
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.line.spellings import all_spellings
from hwr_train.config import TrainConfig
from hwr_train.data.checked import Checked
from hwr_train.data.row import Row
from hwr_train.data.rows import read_rows

ROSTER_NAMES = 1000  # names of a roster, at most


@dataclass(frozen=True)
class RosterAnswers:
    """Every row matched twice, to rosters of `names` names of the training split.

    right: of each row, whether the roster that has the truth was matched rightly.
    none: of each row, whether it was told to be none of these where the truth is not among them.
    """

    names: int
    right: tuple[bool, ...]
    none: tuple[bool, ...]

    def to_json(self) -> dict[str, object]:
        """Shares with their 95 % intervals (Wilson)."""
        return {
            "names": self.names,
            "right": float(np.mean(self.right)),
            "right_interval": wilson(sum(self.right), len(self.right)),
            "none": float(np.mean(self.none)),
            "none_interval": wilson(sum(self.none), len(self.none)),
        }

    def line(self) -> str:
        """One line for people."""
        right, none = (
            "{:.2%} [{:.2%}, {:.2%}]".format(float(np.mean(one)), *wilson(sum(one), len(one)))
            for one in (self.right, self.none)
        )
        return f"roster of {self.names}: on it and right {right}   not on it and said so {none}"


def with_accepted_labels(rows: Sequence[Row], checked: Mapping[str, Checked] | None) -> list[Row]:
    """The rows with what is written for labels; where labels were not checked, as they are."""
    accepted = [
        (checked or {}).get(row.name, Checked("same", (row.text,))).accepted for row in rows
    ]
    return [
        row if row.text in texts else replace(row, text=texts[0])
        for row, texts in zip(rows, accepted, strict=True)
        if texts
    ]


def match_to_rosters(
    recognizer: Recognizer, config: TrainConfig, rows: Sequence[Row]
) -> RosterAnswers | None:
    """Match every image to rosters with and without its truth."""
    try:
        learnt = read_rows(config, "train")
    except DataError:
        return None
    charset = recognizer.charset
    names = sorted({r.text for r in learnt if r.text and not charset.unknown(r.text)})
    if not recognizer.calibrated_for_rosters or len(names) < 2:
        return None
    written = {name: {way.text for way in all_spellings([name], charset)} for name in names}
    rng = np.random.default_rng(0)
    right, none = [], []
    for row in rows:
        grey = row.grey()  # again: all of them would not fit into memory
        logits = recognizer.runtime.logits(preprocess(grey, recognizer.card.canvas))
        box = 0, 0, grey.shape[1], grey.shape[0]
        size = min(ROSTER_NAMES, len(names))
        drawn = [names[k] for k in rng.choice(len(names), size, replace=False)]
        others = [name for name in drawn if row.text not in written[name]]
        if charset.unknown(row.text):  # no roster can hold it
            right.append(False)
        else:
            listed = recognizer.with_roster([*others[: ROSTER_NAMES - 1], row.text])
            found = listed.decode(logits, box)
            right.append(bool(found.match and found.match.name == row.text))
        found = recognizer.with_roster(others).decode(logits, box)
        none.append(bool(found.match and found.match.name is None))
    return RosterAnswers(min(ROSTER_NAMES, len(names)), tuple(right), tuple(none))
