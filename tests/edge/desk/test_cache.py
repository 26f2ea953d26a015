from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from hwr_edge.desk.cache import Cache


def test_another_key_does_not_wait_for_one_that_is_being_made() -> None:
    kept, begun, go_on = Cache[str](8), threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        assert go_on.wait(30)
        return "slow"

    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(kept.get, "a", slow)
        assert begun.wait(30)
        assert kept.get("b", lambda: "quick") == "quick"
        assert not waits.done()
        go_on.set()
        assert waits.result(30) == "slow"


def test_all_who_ask_for_a_key_get_the_one_that_is_made() -> None:
    kept, made, meet = Cache[object](8), list[object](), threading.Barrier(8)

    def make() -> object:
        made.append(object())
        return made[-1]

    def ask(_: int) -> object:
        meet.wait(30)
        return kept.get("a", make)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert len(made) == 1
    assert all(one is made[0] for one in found)


def test_what_cannot_be_made_is_tried_again() -> None:
    kept = Cache[int](8)

    def fails() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        kept.get("a", fails)
    assert kept.get("a", lambda: 1) == 1


def test_those_that_were_asked_for_last_are_kept() -> None:
    kept = Cache[str](2)
    for key in "abac":
        kept.get(key, key.upper)
    assert [kept.get(key, lambda: "again") for key in "ac"] == ["A", "C"]
    assert kept.get("b", lambda: "again") == "again"
