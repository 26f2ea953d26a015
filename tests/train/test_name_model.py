"""Name models made from lists: likely names are likely, and no single person's name is known."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from hwr_edge.errors import DataError
from hwr_edge.line.name_model import NameModel
from hwr_train.name_model import FEW, LEAST_BEARERS, build

LETTERS = " -ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NAMES = {
    "MAEVA": 50.0,
    "MANON": 80.0,
    "MARIE": 120.0,
    "LEA": 90.0,
    "JEAN-MARIE": 20.0,
    "LE GALL": 9.0,
}


def test_names_of_the_lists_are_likelier_than_others_of_the_same_letters() -> None:
    model = build([(NAMES, 1.0)], LETTERS)
    assert model.log_prob("MAEVA") > model.log_prob("MAZVA") + 5
    assert model.log_prob("MARIE") > model.log_prob("MAEVA") > model.log_prob("AVEAM")
    assert model.log_prob("LEA-MARIE") > model.log_prob("LEA-MANOX")


def test_every_row_is_a_distribution() -> None:
    model = build([(NAMES, 1.0)], LETTERS)
    sums = np.exp(model.costs * -model.step).sum(1)
    np.testing.assert_allclose(sums, 1, atol=0.08)  # costs are rounded to sixteenths


def test_lists_weigh_by_their_share_whatever_their_size() -> None:
    boys, girls = {"PAUL": 10.0}, {"ROSE": 1_000_000.0}
    for share, winner, loser in ((0.9, "PAUL", "ROSE"), (0.1, "ROSE", "PAUL")):
        model = build([(boys, share), (girls, 1 - share)], LETTERS)
        assert model.log_prob(winner) > model.log_prob(loser)


def _contexts(model: NameModel) -> list[str]:
    """The contexts of a model as text, "^" for the start of the name."""
    found = []
    for key in model.keys.tolist():
        text = ""
        while key:
            text = ("^" if key % 32 == 31 else LETTERS[key % 32 - 1]) + text
            key //= 32
        found.append(text)
    return found


@pytest.mark.parametrize("rare", ["XQZK", "XQZKWVJ", "LE XQZK", "XQZK-MARIE"])
def test_a_word_that_too_few_people_bear_is_not_known_as_a_whole(rare: str) -> None:
    def longest(bearers: float) -> int:
        model = build([({**NAMES, rare: bearers}, 1.0)], LETTERS)
        return max((len(c) for c in _contexts(model) if "XQZ" in c or "QZK" in c), default=0)

    assert LEAST_BEARERS == 5, "as docs/privacy.md says"
    assert longest(LEAST_BEARERS - 1) < FEW
    assert longest(LEAST_BEARERS) > FEW


def test_fewer_contexts_keep_the_most_telling_ones() -> None:
    small, whole = (build([(NAMES, 1.0)], LETTERS, contexts=n) for n in (20, 10_000))
    assert len(small.keys) <= 20 < len(whole.keys)
    assert set(small.keys.tolist()) <= set(whole.keys.tolist())
    assert small.log_prob("MARIE") > small.log_prob("XYZQW")
    alone = build([(NAMES, 1.0)], LETTERS, contexts=1)
    loss, least, most = (
        -sum(count * model.log_prob(name) for name, count in NAMES.items())
        for model in (small, whole, alone)
    )
    assert loss < (least + most) / 2, "few contexts, if they are the right ones, do half of it"


def test_no_usable_name_is_one_clear_error() -> None:
    with pytest.raises(DataError, match=r"no name can be spelt with .*; check --letters"):
        build([({"ΛΕΑ": 5.0}, 1.0), ({}, 1.0)], LETTERS)


@pytest.mark.parametrize("count", [31, 62, 63, 110, 1022])
def test_a_model_of_many_letters_knows_names_too(count: int, tmp_path: Path) -> None:
    letters = " " + "".join(map(chr, range(0x400, 0x400 + count - 1)))
    one, other, last = letters[1:9], letters[9:17], letters[-8:]
    model = build([({one: 90.0, f"{other} {last}": 60.0}, 1.0)], letters)
    model.save(tmp_path / "a.npz")
    again = NameModel.load(tmp_path / "a.npz")
    assert again.letters == letters
    assert again.log_prob(one) == model.log_prob(one) > again.log_prob(one[::-1]) + 5
    assert again.log_prob(f"{other} {last}") > again.log_prob(f"{last} {other}")
    shares = np.exp(again.row(again.start))
    assert shares.sum() == pytest.approx(1, abs=0.08)


def test_a_word_that_has_enough_bearers_in_parts_alone_is_no_trouble() -> None:
    names = {f"NOUVEAU{end}": 2.0 for end in ("", "-BA", " CI", "-DU")}
    model = build([({**NAMES, **names}, 1.0)], LETTERS)
    assert model.log_prob("NOUVEAU") > model.log_prob("NOXVEAU")


def test_the_most_frequent_words_are_listed_once_enough_people_bear_them() -> None:
    names = {"ANNE-MARIE": 60.0, "MARIE": 40.0, "RARE": LEAST_BEARERS - 1.0, "ODD": 5.0}
    model = build([(names, 1.0)], " -ADEIMNOR", words=3)
    assert model.words is not None
    marie, anne, odd = (model.words.log_prob(word) for word in ("MARIE", "ANNE", "ODD"))
    assert marie == pytest.approx(math.log(100 / 169), abs=0.04)
    assert marie > anne > odd > model.words.unknown
    assert model.words.log_prob("RARE") == model.words.unknown
    few = build([(names, 1.0)], " -ADEIMNOR", words=2)
    assert few.words is not None
    assert few.words.log_prob("ODD") == few.words.unknown
    assert build([(names, 1.0)], " -ADEIMNOR").words is None
