"""A table of what follows what: contexts, files, and what is refused."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from hwr_edge.errors import ModelError
from hwr_edge.line.name_model import LONGEST, NameModel, key_of

LETTERS = " ABC"


def _model(*contexts: tuple[str, bool]) -> NameModel:
    """A row of its own for each context: its cost is its place in the table."""
    keys = sorted({0, *(key_of(text, LETTERS, start) for text, start in contexts)})
    costs = np.repeat(np.arange(len(keys), dtype=np.uint8)[:, None], len(LETTERS) + 1, 1)
    return NameModel(LETTERS, np.array(keys, np.uint64), costs, 1.0)


def _row_after(model: NameModel, text: str) -> float:
    state = model.start
    for letter in text:
        state = model.after(state, LETTERS.index(letter) + 1)
    return -model.row(state)[0]


def test_the_longest_known_suffix_counts() -> None:
    contexts = [("B", False), ("AB", False), ("AB", True), ("", True), (" A", False)]
    model = _model(*contexts)
    place = {c: model.keys.tolist().index(key_of(c[0], LETTERS, c[1])) for c in contexts}
    assert _row_after(model, "") == place["", True]
    assert _row_after(model, "AB") == place["AB", True]
    assert _row_after(model, "CAB") == place["AB", False]
    assert _row_after(model, "CB") == place["B", False]
    assert _row_after(model, "C A") == place[" A", False]  # a word begins anew after a space
    assert _row_after(model, "CCC") == 0


def test_very_long_words_are_known_by_their_end() -> None:
    model = _model(("C" * LONGEST, False))
    assert _row_after(model, "A" + "C" * 30) == 1
    assert _row_after(model, "A" * 30) == 0


def test_a_probability_is_of_all_letters_and_the_end() -> None:
    costs = np.array([[8, 16, 24, 32, 40]], np.uint8)
    model = NameModel(LETTERS, np.zeros(1, np.uint64), costs, 1 / 8)
    assert model.log_prob("AB") == pytest.approx(-(2 + 3 + 5))
    with pytest.raises(ValueError, match="does not know 'Z'"):
        model.log_prob("AZ")


def test_a_file_holds_the_whole_model(tmp_path: Path) -> None:
    model = _model(("AB", True), ("C", False))
    model.save(tmp_path / "m.npz")
    again = NameModel.load(tmp_path / "m.npz")
    assert (again.letters, again.step) == (model.letters, model.step)
    np.testing.assert_array_equal(again.keys, model.keys)
    np.testing.assert_array_equal(again.costs, model.costs)
    model.save(tmp_path / "again.npz")
    assert (tmp_path / "m.npz").read_bytes() == (tmp_path / "again.npz").read_bytes()


def test_a_damaged_or_strange_file_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    with pytest.raises(ModelError, match="cannot be read"):
        NameModel.load(path)
    _model(("AB", True)).save(path)
    whole = path.read_bytes()
    packed = io.BytesIO()
    with np.load(path) as arrays:
        np.savez_compressed(packed, **arrays)  # which may be a thousand times as large in memory
    for content in (b"", b"names", whole[: len(whole) // 2], packed.getvalue()):
        path.write_bytes(content)
        with pytest.raises(ModelError, match="not a name model"):
            NameModel.load(path)
    locked = bytearray(whole)
    locked[whole.find(b"PK\x01\x02") + 8] |= 1  # encrypted, says the first entry
    path.write_bytes(locked)
    with pytest.raises(ModelError, match="not a name model"):
        NameModel.load(path)
    np.savez(path, version=np.array(9))
    with pytest.raises(ModelError, match="version 9"):
        NameModel.load(path)


@pytest.mark.parametrize("letters", ["", "AA", "".join(map(chr, range(0x4E00, 0x4E00 + 1023)))])
def test_letters_that_do_not_fit_are_refused(letters: str) -> None:
    with pytest.raises(ModelError, match="1 to 1022 different letters"):
        NameModel(letters, np.zeros(1, np.uint64), np.zeros((1, len(letters) + 1), np.uint8), 1.0)


def test_a_name_model_with_any_wrong_byte_is_refused_or_the_same(tmp_path: Path) -> None:
    path, model = tmp_path / "m.npz", _model(("AB", True), ("C", False))
    model.save(path)
    whole, refused = path.read_bytes(), 0
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            found = NameModel.load(path)
        except ModelError:
            refused += 1
            continue
        assert (found.letters, found.step) == (model.letters, model.step)
        np.testing.assert_array_equal(found.keys, model.keys)
        np.testing.assert_array_equal(found.costs, model.costs)
    assert refused > len(whole) / 2
