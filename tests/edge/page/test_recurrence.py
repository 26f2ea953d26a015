from __future__ import annotations

import cv2
import numpy as np
import pytest

from hwr_edge.image.pixels import Grey
from hwr_edge.page.among import Look
from hwr_edge.page.line_kinds import LineKinds, shipped_kinds
from hwr_edge.page.locate import find_lines
from hwr_edge.page.recurrence import recurring
from pages import page, print_at

WORDS = ("NAME ADRESSE", "MANNSCHAFT", "STRASSE", "ARBEITSTAG", "NACHNAME", "SCHATTEN")


def crop(high: int = 60, wide: int = 900) -> Grey:
    return np.full((high, wide), 255, np.uint8)


def printed(words: str, size: float = 1.2) -> Grey:
    """A line of print, each of its letters by itself, as a crop is."""
    line = crop()
    for k, letter in enumerate(words):
        cv2.putText(line, letter, (20 + 40 * k, 44), cv2.FONT_HERSHEY_SIMPLEX, size, 20, 3)
    return line


def written(rng: np.random.Generator, letters: int = 8) -> Grey:
    """A line of strokes, no two alike, each as high as a letter."""
    line = crop()
    for k in range(letters):
        corners = rng.integers((20 + 40 * k, 10), (48 + 40 * k, 50), (5, 2))
        corners[:2, 1] = 10, 48
        cv2.polylines(line, [corners.astype(np.int32)], False, 20, 3)
    return line


def share(lines: list[Grey]) -> float:
    counts = np.array(recurring(lines))
    assert counts[:, 0].sum() > 20
    return float(counts[:, 1].sum() / counts[:, 0].sum())


def test_letters_of_print_recur_and_strokes_of_a_hand_do_not() -> None:
    rng = np.random.default_rng(1)
    assert share([printed(words) for words in WORDS]) > 0.85
    assert share([written(rng) for _ in range(6)]) < 0.4


def test_each_line_has_its_own_counts_beside_the_other_kind() -> None:
    rng = np.random.default_rng(2)
    lines = [printed(words) for words in WORDS] + [written(rng) for _ in range(6)]
    counts = np.array(recurring(lines))
    shares = counts[:, 1] / np.maximum(counts[:, 0], 1)
    assert shares[:6].mean() > shares[6:].mean() + 0.4


def test_print_recurs_in_a_noisy_and_a_coarse_scan() -> None:
    rng = np.random.default_rng(3)
    lines = [printed(words) for words in WORDS]
    noisy = [
        np.clip(line + rng.normal(0, 12, line.shape), 0, 255).astype(np.uint8) for line in lines
    ]
    coarse = [
        cv2.resize(line, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for line in lines
    ]
    assert share(noisy) > 0.8
    assert share([np.asarray(line, np.uint8) for line in coarse]) > 0.7


def test_a_letter_twice_as_high_is_another_one() -> None:
    small = np.asarray(cv2.resize(printed("R"), None, fx=0.5, fy=0.5), np.uint8)
    assert recurring([printed("R"), printed("R")]) == [(1, 1), (1, 1)]
    assert recurring([printed("R"), small]) == [(1, 0), (1, 0)]


def test_what_shows_no_letters_says_nothing() -> None:
    joined, bars, dots = crop(), crop(), crop()
    cv2.line(joined, (20, 50), (200, 10), 20, 4)
    for k in range(10):
        cv2.line(bars, (20 + 30 * k, 4), (20 + 30 * k, 56), 20, 2)
        cv2.circle(dots, (20 + 30 * k, 30), 3, 20, -1)
    assert recurring([crop(), joined, bars, dots]) == [(0, 0)] * 4
    assert recurring([]) == []


def test_thousands_of_letters_are_compared_in_part() -> None:
    counts = np.array(recurring([printed("RSBKE" * 4) for _ in range(260)]))
    assert counts[:, 0].sum() == 4000
    assert (counts[:, 1] == counts[:, 0]).all()


def test_a_page_s_letters_are_counted_where_some_line_looks_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paper = page()
    for row, word in enumerate(WORDS):
        print_at(paper, word, 150, 250 + 90 * row, 1.5)
    kinds, lines = shipped_kinds(), find_lines(paper)
    monkeypatch.setattr(LineKinds, "look", lambda *_: Look((1.0,), 20, 8, 2, 30))
    looks = kinds.looks(lines)
    assert sum(one.recur for one in looks) > 0.5 * sum(one.apart for one in looks) > 10
    assert [one.apart for one in kinds.looks(lines[:1])] == [0]
    monkeypatch.setattr(LineKinds, "look", lambda *_: Look((-1.0,), 20, 8, 2, 30))
    assert [one.apart for one in kinds.looks(lines)] == [0] * len(lines)
