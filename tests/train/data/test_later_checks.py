"""Labels that were checked after a table of checked labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwr_edge.errors import DataError
from hwr_train.data.checked import Checked
from hwr_train.data.later_checks import with_later_checks
from hwr_train.data.row import Row
from wheels import ROOT

ROWS = [Row(f"{k}.jpg", Path(f"{k}.jpg"), text) for k, text in enumerate(("HARTIN", "LEA", "X"))]


def _table(folder: Path, *lines: str) -> Path:
    path = folder / "later.csv"
    path.write_text("\n".join(("FILENAME,STATUS,CHANGES", *lines)) + "\n")
    return path


def test_changes_make_what_is_written_of_the_labels(tmp_path: Path) -> None:
    table = _table(tmp_path, "0.jpg,corrected,0:H>M", "1.jpg,ambiguous,|2:A>O", "9.jpg,same,")
    before = {"1.jpg": Checked("same", ("LEA",)), "2.jpg": Checked("corrected", ("Y",))}
    assert with_later_checks(before, ROWS, table) == {
        "0.jpg": Checked("corrected", ("MARTIN",), looked_at=True),
        "1.jpg": Checked("ambiguous", ("LEA", "LEO"), looked_at=True),
        "2.jpg": Checked("corrected", ("Y",)),
    }


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("0.jpg,corrected,0:K>M",), "0.jpg: 0:K>M does not fit its label"),
        (("0.jpg,right,",), "0.jpg is 'right'; use same, corrected"),
        (("0.jpg,same,", "0.jpg,same,"), "0.jpg is listed twice"),
        (("9.jpg,same,",), "has none of these rows"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(
    lines: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=why):
        with_later_checks({}, ROWS, _table(tmp_path, *lines))


def test_the_shipped_table_names_nobody() -> None:
    lines = (ROOT / "models" / "later-checks.csv").read_text().splitlines()[1:]
    assert lines
    for line in lines:
        _, _, changes = line.split(",")
        assert all(one.partition(":")[0].isdecimal() for c in changes.split("|") for one in c.split("/") if one)  # fmt: skip
