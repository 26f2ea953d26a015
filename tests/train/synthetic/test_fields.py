"""Made fields: drawn without data, the same for the same seed, and like name fields."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from hwr_edge.errors import DataError
from hwr_edge.line.charset import NAME_LETTERS, Charset
from hwr_train.synthetic.augment import bend, degrade, hide
from hwr_train.synthetic.fields import FieldGenerator, draw_field
from hwr_train.synthetic.glyphs import drawn_writers, smooth, stroke_file_writers
from hwr_train.synthetic.name_list import LONGEST_NAME, NameList
from hwr_train.synthetic.stroke_line import write_line

CHARSET = Charset(NAME_LETTERS)


def test_the_same_seed_makes_the_same_fields() -> None:
    fields = [FieldGenerator(seed=3).make(np.random.default_rng(9)) for _ in range(2)]
    assert fields[0][0] == fields[1][0]
    np.testing.assert_array_equal(fields[0][1], fields[1][1])
    assert FieldGenerator(seed=3).make(np.random.default_rng(10))[0] != fields[0][0]


def test_every_letter_of_the_charset_is_written_differently() -> None:
    writer = drawn_writers(1, np.random.default_rng(0))[0]
    shapes = set()
    for letter in NAME_LETTERS.replace(" ", ""):
        line = write_line(letter, writer, writer, np.random.default_rng(4))
        assert line.strokes, letter
        assert line.length > 0, letter
        shapes.add(tuple(np.concatenate(line.strokes).round(2).ravel()))
    assert len(shapes) == len(NAME_LETTERS) - 1


def test_a_written_field_has_more_ink_than_an_empty_one() -> None:
    writer = drawn_writers(1, np.random.default_rng(0))[0]
    ink = [
        np.mean(
            [
                (draw_field(t, writer, writer, np.random.default_rng(s)) < 128).sum()
                for s in range(20)
            ]
        )
        for t in ("", "MAXIMILIEN")
    ]
    assert ink[1] > ink[0] + 100


def test_fields_have_the_sizes_of_the_published_crops() -> None:
    maker, rng = FieldGenerator(seed=0), np.random.default_rng(0)
    shapes = {maker.make(rng)[1].shape for _ in range(60)}
    assert {width for _, width in shapes} == {288, 328, 392}
    assert all(26 <= height <= 73 for height, _ in shapes)


def test_some_fields_are_empty_and_say_so() -> None:
    maker, rng = FieldGenerator(seed=0, empty_share=1.0), np.random.default_rng(0)
    assert {maker.make(rng)[0] for _ in range(5)} == {""}


def test_a_name_list_is_folded_weighted_and_kept_to_what_can_be_drawn(tmp_path: Path) -> None:
    path = tmp_path / "names.csv.gz"
    rows = [
        "NAME,COUNT",
        "Zoé,900",
        "LEA,100",
        "ΛΕΑ,5",
        f"{'A' * 40},5",
        "ODD,many",
        "NONE,0",
        "POWER,²",
        f"HUGE,{'9' * 5000}",
        "",
    ]
    path.write_bytes(gzip.compress("\n".join(rows).encode()))
    names = NameList.read(path, CHARSET, power=1.0)
    assert names.names == ("ZOE", "LEA")
    rng = np.random.default_rng(0)
    drawn = [names.draw(rng) for _ in range(500)]
    assert 400 < drawn.count("ZOE") < 490
    assert LONGEST_NAME < 40


@pytest.mark.parametrize("content", [b"", b"NAME,COUNT\n", b"\xff\xfe\x00bad"])
def test_a_name_list_without_names_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"names\.csv"):
        NameList.read(path, CHARSET)
    path.write_text("THOMAS,1820\nLEA,1577\n")
    with pytest.raises(DataError, match="put a heading above"):
        NameList.read(path, CHARSET)
    path.write_text("name,year,count\nLEA,2004,7\n")
    assert NameList.read(path, CHARSET, power=1.0).odds == {"LEA": 7}
    path.write_text("NAME,COUNT\nLéa,3\nTOM,4\nLEA,6\n")
    assert NameList.read(path, CHARSET).odds == {"LEA": 3, "TOM": 2}  # the root of what both have


def _stroke_file(path: Path, letters: str) -> Path:
    lines = [
        json.dumps({"text": c, "writer": w, "strokes": [[[0, 100], [50, 0], [100, 100]]]})
        for w in (1, 2)
        for c in (letters if w == 1 else letters[:3])
    ]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def test_hands_come_from_a_stroke_file_upright_and_one_unit_high(tmp_path: Path) -> None:
    path = _stroke_file(tmp_path / "letters.jsonl.gz", "ABCDEFGHIJKLMNOPQRST")
    (hand,) = stroke_file_writers(path)  # the second has too few letters
    (stroke,) = hand["A"][0]
    assert stroke[:, 1].min() == pytest.approx(0.0)
    assert stroke[:, 1].max() == pytest.approx(0.75)  # the corner below is cut round
    assert stroke[0, 1] == pytest.approx(0.0)  # y up in the file, down here: it starts on top
    field = draw_field(
        "ABBA", hand, drawn_writers(1, np.random.default_rng(0))[0], np.random.default_rng(0)
    )
    assert (field < 128).any()


@pytest.mark.parametrize(
    "content",
    [
        b"plain text",
        gzip.compress(
            b'{"text": "A"}\n', mtime=0
        ),  # with the time two workers would name it differently
        gzip.compress(b'{"text": "A"}\n', mtime=0)[:-9],
    ],
)
def test_a_file_that_holds_no_strokes_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letters.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match="not a gzipped JSON-lines file of pen strokes"):
        stroke_file_writers(path)


def test_a_stroke_file_without_a_whole_hand_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no hand with at least 15 different letters"):
        stroke_file_writers(_stroke_file(tmp_path / "letters.jsonl.gz", "ABC"))


def test_smoothing_keeps_the_ends_and_stays_within_the_corners() -> None:
    corners = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 0.0]])
    curve = smooth(corners)
    np.testing.assert_array_equal(curve[[0, -1]], corners[[0, -1]])
    assert curve[:, 1].max() < 1.0
    assert len(curve) > len(corners)


def _augment(canvas: np.ndarray, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return degrade(bend(canvas, rng), rng)


def test_augmenting_is_deterministic_and_changes_the_image_but_not_its_kind() -> None:
    canvas = np.full((48, 384), 255, np.uint8)
    canvas[15:35, 40:44] = 0
    one, again, other = (_augment(canvas, s) for s in (1, 1, 2))
    assert one.shape == canvas.shape
    assert one.dtype == np.uint8
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, canvas)


def test_augmenting_never_pushes_writing_over_the_right_edge() -> None:
    canvas = np.full((48, 384), 255, np.uint8)
    canvas[10:40, 360:372] = 0
    for seed in range(100):
        assert (_augment(canvas, seed)[:, 250:] < 230).any(), seed


def test_some_names_have_their_letters_shuffled_and_nothing_else() -> None:
    names = NameList({"JEAN-PIERRE DUPONT": 1.0}).with_shuffled(0.4)
    rng = np.random.default_rng(1)
    drawn = [names.draw(rng) for _ in range(300)]
    shuffled = [name for name in drawn if name != "JEAN-PIERRE DUPONT"]
    assert 0.3 < len(shuffled) / len(drawn) < 0.5
    assert len(set(shuffled)) > 100
    for name in shuffled:
        assert (name[4], name[11], len(name)) == ("-", " ", 18)
        assert sorted(name) == sorted("JEAN-PIERRE DUPONT")
    assert names.spelt_with(set("JEAN-PIERRE DUPONT")).shuffled == 0.4


def test_built_in_names_keep_to_the_charset() -> None:
    letters = Charset("ABENRO")
    names = NameList.built_in(np.random.default_rng(0), letters, count=2000).names
    assert names
    assert not [n for n in names if letters.unknown(n)]
    with pytest.raises(DataError, match="no built-in name"):
        NameList.built_in(np.random.default_rng(0), Charset("Ω"))


def test_what_is_hidden_is_grey_from_top_to_bottom_and_a_tenth_or_so() -> None:
    canvas = np.full((48, 384), 255, np.uint8)
    canvas[20:30, 10:300] = 0
    before = canvas.copy()
    shares = []
    for seed in range(200):
        seen = hide(canvas, np.random.default_rng(seed))
        hidden = (seen == 128).all(axis=0)
        shares.append(hidden.mean())
        np.testing.assert_array_equal(seen[:, ~hidden], canvas[:, ~hidden])
    np.testing.assert_array_equal(canvas, before)
    assert 0.07 < np.mean(shares) < 0.13
    assert min(shares) == 0 < max(shares) < 0.4
