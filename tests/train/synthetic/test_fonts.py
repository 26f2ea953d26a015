"""Names in fonts: drawn with the font at hand in tests, matplotlib's own DejaVu."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from matplotlib import get_data_path

from hwr_edge.errors import DataError
from hwr_edge.line.charset import NAME_LETTERS, Charset
from hwr_edge.line.preprocess import Canvas
from hwr_train.config import TrainConfig
from hwr_train.fitting.loader import SyntheticNames
from hwr_train.synthetic import fields as synth
from hwr_train.synthetic import font_line
from hwr_train.synthetic.fields import FieldGenerator
from hwr_train.synthetic.font_line import CaseMix, write_in_font
from hwr_train.synthetic.fonts import CAP, Font, read_fonts

_TTF = Path(get_data_path()) / "fonts" / "ttf"
_CAPITALS = (0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def font() -> Font:
    return Font(_TTF / "DejaVuSans.ttf")


def _cases(monkeypatch: pytest.MonkeyPatch, words: float, small: float, mixed: float) -> None:
    monkeypatch.setattr(font_line, "MIX", CaseMix(words, small, mixed, dotted=0.0))


def _rows(ink: np.ndarray) -> int:
    inked = np.flatnonzero((ink > 127).any(axis=1))
    return int(inked[-1] - inked[0] + 1)


def test_capitals_of_a_font_come_at_one_height_on_the_baseline(font: Font) -> None:
    for letter in "EHMX":
        ink = font.ink(letter)
        assert abs(ink.mask.shape[0] - CAP) <= 1
        assert abs(ink.top + CAP) <= 1
    assert 2.0 < font.weight < 6.0


def test_a_font_knows_what_it_writes(font: Font) -> None:
    assert font.small
    assert font.writes("JEAN-PIERRE D'ÉTÉ")
    assert not font.writes("北")


def test_fonts_without_usable_capitals_are_left_out_with_a_line_saying_which(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DejaVuSans.ttf", "cmex10.ttf", "STIXNonUni.ttf"):
        shutil.copy(_TTF / name, tmp_path / name)
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "torn.woff2").write_bytes(b"wOF2 and no more")
    (tmp_path / "fonts.json").write_text("[]")
    assert [font.name for font in read_fonts(tmp_path)] == ["DejaVuSans"]
    said = capsys.readouterr().out
    assert said.startswith("fonts: 1 of 4; left out: ")
    assert said.count("\n") == 1
    for name in ("cmex10.ttf", "STIXNonUni.ttf", "torn.woff2 not a font"):
        assert name in said


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_a_folder_without_a_usable_font_is_one_clear_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="no usable font"):
        read_fonts(tmp_path / name)


def test_no_two_writings_are_alike_and_the_same_seed_writes_the_same(font: Font) -> None:
    one, again, other = (write_in_font("LUCIE", font, np.random.default_rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.ink, again.ink)
    assert (one.squeeze, one.size) == (again.squeeze, again.size)
    assert not np.array_equal(one.ink, other.ink)


def test_every_letter_leaves_its_own_ink(font: Font) -> None:
    seen = set()
    for letter in NAME_LETTERS.replace(" ", ""):
        ink = write_in_font(letter, font, np.random.default_rng(3)).ink
        assert (ink > 127).any(), letter
        seen.add(ink.tobytes())
    assert len(seen) == len(NAME_LETTERS) - 1


def test_names_come_in_capitals_as_words_in_small_letters_and_mixed(
    font: Font, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spelt(*shares: float) -> set[str]:
        _cases(monkeypatch, *shares)
        rngs = (np.random.default_rng(s) for s in range(60))
        found = {font_line.spelling_by_hand("LEO-DI BOSS", font, rng) for rng in rngs}
        plain = str.maketrans("ÉÈÊËÔÖÎÏéèêëôöîï", "EEEEOOIIeeeeooii")
        return {text.translate(plain) for text in found}

    assert spelt(*_CAPITALS) == {"LEO-DI BOSS"}
    assert spelt(1.0, 0.0, 0.0) == {"Leo-Di Boss"}
    assert spelt(0.0, 1.0, 0.0) == {"leo-di boss"}
    assert len(spelt(0.0, 0.0, 1.0)) > 20
    _cases(monkeypatch, *_CAPITALS)
    monkeypatch.setattr(font_line, "MIX", CaseMix(*_CAPITALS, dotted=1.0))
    assert "LEO-Di BOSS" in {
        font_line.spelling_by_hand("LEO-DI BOSS", font, np.random.default_rng(s)) for s in range(20)
    }


def test_a_font_without_small_letters_writes_capitals(
    font: Font, monkeypatch: pytest.MonkeyPatch
) -> None:
    _cases(monkeypatch, 1.0, 0.0, 0.0)
    monkeypatch.setattr(font, "small", False)
    assert font_line.spelling_by_hand("LUCK", font, np.random.default_rng(0)) == "LUCK"


def test_a_run_is_joined_as_the_font_has_it_and_letters_apart_are_not(
    font: Font, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = font_line.joined_line("rn", font)
    assert _rows(run) == _rows(font.ink("rn").mask)
    assert run.shape[1] == font.ink("rn").mask.shape[1]
    apart = font_line.spaced_line("HH", font, np.random.default_rng(0))
    assert cv2.connectedComponents((apart > 127).astype(np.uint8))[0] == 3  # paper and two letters


@pytest.mark.parametrize(("weight", "wider"), [(1.5, True), (9.0, False)])
def test_strokes_come_nearer_to_a_pens_width(font: Font, weight: float, wider: bool) -> None:
    ink = font_line.joined_line("HI", font)
    changed = font_line.restroke(ink, weight, np.random.default_rng(2))
    assert (changed.sum() > ink.sum()) == wider


def test_ink_lies_where_and_as_high_as_it_was_asked_for(
    font: Font, monkeypatch: pytest.MonkeyPatch
) -> None:
    _cases(monkeypatch, *_CAPITALS)
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        line = write_in_font("HEM", font, rng)
        field = np.full((120, 600), 255, np.uint8)
        line.put(field, 100, 80, 30, rng)
        inked = np.argwhere(field < 128)
        (top, left), (bottom, right) = inked.min(0), inked.max(0)
        assert 85 <= left <= 115
        assert right <= 100 + line.length * 30 + 15
        found.append((bottom, (bottom - top) / line.size))
    low, tall = np.mean(found, axis=0)
    assert 76 <= low <= 84
    assert 27 <= tall <= 36


def test_half_of_made_names_are_in_fonts_where_there_are_some(
    font: Font, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands = []
    monkeypatch.setattr(synth, "draw_field", lambda text, hand, *_: hands.append(hand))
    maker = FieldGenerator(seed=0, fonts=[font])
    for seed in range(400):
        maker.make(np.random.default_rng(seed))
    share = sum(hand is font for hand in hands) / len(hands)
    assert abs(share - synth.FONT_SHARE) < 0.08
    monkeypatch.setattr(font, "letters", frozenset("Q"))
    hands.clear()
    for seed in range(50):
        maker.make(np.random.default_rng(seed))
    named = [hand for hand in hands if hand is font]
    assert len(named) < 10  # empty fields alone: what a font cannot write, a hand does


def test_a_run_draws_with_the_fonts_it_names(tmp_path: Path) -> None:
    shutil.copy(_TTF / "DejaVuSans.ttf", tmp_path)
    config = TrainConfig(fonts=str(tmp_path))
    canvas = Canvas(48, 384)
    made = [
        SyntheticNames.of(config, Charset(NAME_LETTERS), canvas, 8, seed=2).dataset(5)
        for _ in range(2)
    ]
    assert made[0].texts == made[1].texts
    np.testing.assert_array_equal(made[0].canvases, made[1].canvases)
    plain = SyntheticNames.of(TrainConfig(), Charset(NAME_LETTERS), canvas, 8, seed=2).dataset(5)
    assert not np.array_equal(plain.canvases, made[0].canvases)
