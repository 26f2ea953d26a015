"""The log of volumes: what counts, and what does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import volumes
from volumes import Run, keep, kept, next_seed, summed

RUN = Run("2026-11-30", "images", "fuzz.many images", 1, "c0de", 100, 2, "read 98")


def test_what_is_kept_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volumes, "LOG", tmp_path / "log.csv")
    assert (kept(), next_seed("images")) == ([], 1)
    other = replace(RUN, seed=4, found='a "b", c')
    for run in (RUN, other):
        keep(run)
    assert kept() == [RUN, other]
    assert (next_seed("images"), next_seed("texts")) == (5, 1)


def test_a_seed_counts_once_for_the_same_code() -> None:
    longer, on_other_code = replace(RUN, tried=150, wrong=0), replace(RUN, code="other")
    runs = [RUN, longer, on_other_code, replace(RUN, what="texts", tried=9)]
    assert summed(runs, "images") == (250, 2)
    assert summed(runs, "images", "c0de") == (150, 0)
    assert summed(runs, "images", "elsewhere") == (0, 0)


def test_the_log_of_the_repository_can_be_summed(capsys: pytest.CaptureFixture[str]) -> None:
    volumes.main()
    assert "images" in capsys.readouterr().out
    for run in kept():
        assert run.tried > 0
        assert run.what in volumes.MUST
