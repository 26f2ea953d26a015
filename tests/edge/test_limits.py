from __future__ import annotations

import pytest

from hwr_edge.errors import DataError
from hwr_edge.limits import Limits, limits, set_limits


def test_the_environment_says_what_counts_in_every_command(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits() == Limits()
    monkeypatch.setenv("HWR_EDGE_MAX_MEMORY", "64")
    assert limits() == Limits(memory=64)
    assert limits().memory_bytes == 64 << 20


def test_an_option_counts_in_this_process_and_those_that_it_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("MEMORY", "SECONDS", "PAGES"):
        monkeypatch.setenv(f"HWR_EDGE_MAX_{name}", "7")  # and is put back after the test
    set_limits(None, 3, None)
    assert limits() == Limits(7, 3, 7)


@pytest.mark.parametrize("said", ["0", "-1", "many", "1.5", "9999999999", "٣"])
def test_what_is_no_number_is_told(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("HWR_EDGE_MAX_PAGES", said)
    with pytest.raises(DataError, match=r"HWR_EDGE_MAX_PAGES is .*; give a whole number from 1"):
        limits()
