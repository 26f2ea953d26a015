from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from hwr_edge.line.ahead import in_order


@pytest.mark.parametrize("threads", [1, 3])
def test_what_comes_of_pieces_comes_in_their_order(threads: int) -> None:
    def work(piece: int) -> int:
        time.sleep(0.002 if piece % 3 == 0 else 0)
        return piece * piece

    assert list(in_order(work, iter(range(50)), threads)) == [k * k for k in range(50)]
    assert list(in_order(work, [], threads)) == []


def test_as_many_threads_work_at_once() -> None:
    meeting = threading.Barrier(3, timeout=20)
    assert len(list(in_order(lambda _: meeting.wait(), range(6), 3))) == 6


@pytest.mark.parametrize(("threads", "most"), [(1, 1), (2, 5)])
def test_pieces_are_taken_only_a_few_ahead(threads: int, most: int) -> None:
    taken = []

    def pieces() -> Iterator[int]:
        for k in range(100):
            taken.append(k)
            yield k

    found = in_order(lambda piece: piece, pieces(), threads)
    assert next(found) == 0
    assert len(taken) <= most
    found.close()  # type: ignore[attr-defined]
    assert len(taken) <= most


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_comes_in_its_piece_s_place(threads: int) -> None:
    def work(piece: int) -> int:
        if piece == 3:
            raise ValueError("three")
        return piece

    found = in_order(work, range(10), threads)
    assert [next(found) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(found)
