from __future__ import annotations

import numpy as np
import pytest

from hwr_edge.image.pixels import Box
from hwr_edge.page.cells import cells_of


def table(rows: int, columns: int, rng: np.random.Generator) -> dict[tuple[int, int], Box]:
    """A box for each cell, 200 wide and 60 high, the writing put anywhere in it."""
    return {
        (row + 1, column + 1): (
            int(50 + 220 * column + rng.integers(0, 60)), int(60 * row + rng.integers(0, 14)),
            int(rng.integers(60, 150)), int(rng.integers(28, 40)),
        )
        for row in range(rows) for column in range(columns)
    }  # fmt: skip


@pytest.mark.parametrize("columns", [2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_every_cell_gets_its_row_and_column_in_any_order(columns: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = table(12, columns, rng)
    order = rng.permutation(len(cells))
    truth = [list(cells)[k] for k in order]
    assert cells_of([cells[cell] for cell in truth], 32.0) == truth


def test_a_cell_that_is_empty_moves_no_other() -> None:
    cells = table(8, 3, np.random.default_rng(1))
    for gone in ((2, 1), (3, 2), (5, 3), (5, 1)):
        del cells[gone]
    assert cells_of(list(cells.values()), 32.0) == list(cells)


@pytest.mark.parametrize("kept", [1, 2])
def test_a_list_of_one_column_is_no_table(kept: int) -> None:
    cells = table(9, 2, np.random.default_rng(2))
    boxes = [box for (row, column), box in cells.items() if column == 1 or row < kept]
    assert cells_of(boxes, 32.0) is None


def test_nothing_is_no_table() -> None:
    assert cells_of([], 30.0) is None
