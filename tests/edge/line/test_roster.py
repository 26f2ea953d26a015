"""Which name of a list stands in an image."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hwr_edge.errors import DataError
from hwr_edge.line.beam import BONUS, beam_search
from hwr_edge.line.charset import NAME_LETTERS, Charset
from hwr_edge.line.ctc import label_log_prob, log_softmax
from hwr_edge.line.matching import Match, match
from hwr_edge.line.roster import Roster
from hwr_edge.line.spellings import all_spellings, spellings

LETTERS = Charset(NAME_LETTERS)
LISTED = ("Manon", "Lucie", "Hugo", "Sarah", "Adam", "Paul", "Jules", "Inès", "Louis", "Emma")
WEIGHTS = {"bias": 5.7, "gain": 0.7, "names": -0.7, "lead": 0.1}


def _written(text: str, sure: float = 12.0, frames: int = 32) -> NDArray[np.float32]:
    """Log-probabilities of an image that shows `text`: a frame a letter, blanks between."""
    logits = np.zeros((frames, LETTERS.classes), np.float32)
    logits[:, 0] = sure
    for k, c in enumerate(LETTERS.encode(text)):
        logits[2 * k, 0], logits[2 * k, c] = 0, sure
    return log_softmax(logits)


@given(
    st.lists(st.text("AB-' ", min_size=1, max_size=5), min_size=1, max_size=12),
    st.integers(0, 2**32 - 1),
)
def test_every_name_has_its_exact_forward_probability(names: list[str], seed: int) -> None:
    letters = Charset(" '-AB")
    scores = log_softmax(
        np.random.default_rng(seed).normal(0, 2, (7, letters.classes)).astype(np.float32)
    )
    try:
        roster = Roster(names, letters)
    except DataError:
        return  # nothing but separators
    found = roster.weigh(scores, best=-60.0).log_probs
    for name, value in zip(roster.names, found, strict=True):
        ways = [
            np.log(way.share) + label_log_prob(scores, letters.encode(way.text))
            for way in spellings(name, letters)
        ]
        assert value == pytest.approx(np.logaddexp.reduce(ways), abs=1e-6) or value < -60


def test_a_bonus_counts_for_each_letter_of_a_spelling() -> None:
    scores = _written("LEA")
    (plain,), (more,) = Roster(["LEA"], LETTERS).weigh(scores)
    assert more - plain == pytest.approx(3 * BONUS, abs=1e-3)


def test_far_names_are_not_followed_and_change_nothing() -> None:
    scores = _written("MARTIN")
    few = Roster(["MARTIN"], LETTERS).weigh(scores).log_probs[0]
    many = Roster(["MARTIN", "XAVIER", "ZOE", "MARTINEZ"], LETTERS).weigh(scores).log_probs
    assert many[0] == few
    assert many[1] == many[2] == -np.inf


def _match(text: str, names: list[str], sure: float = 12.0) -> list[Match]:
    scores = _written(text, sure)
    return list(match(scores, Roster(names, LETTERS), beam_search(scores), WEIGHTS))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("ELODIE", "Élodie"),
        ("D'ARC", "d’Arc"),
        ("JEAN PIERRE", "Jean-Pierre"),
        ("JEANPIERRE", "Jean-Pierre"),
        ("JEAN-PIERRE", "Jean Pierre"),
        ("MARIE", "Marie-Claire"),
        ("JEAN ROUX", "Jean-Pierre Roux"),
        ("ROUX", "Roux Manon"),
        ("MANON", "Roux Manon"),
        ("MANON ROUX", "Roux Manon"),
        ("LUCAS LE GALL", "Le Gall Lucas"),
        ("ONEIL SEAN", "O'Neil Sean"),
        ("DARC", "d'Arc"),
        ("MULLER", "Müller (B)"),
    ],
)
def test_names_are_known_as_people_write_them(written: str, name: str) -> None:
    (found, sure), *_ = _match(written, ["Zoé", name, "Quentin"])
    assert found == name
    assert sure > 0.7


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("NAME THOMAS", "Thomas"),
        ("THOMAS DURAND", "Thomas"),
        ("LE THOMAS DURAND", "Thomas"),
        ("CM MANON ROUX", "Roux Manon"),
    ],
)
def test_a_listed_name_beside_other_words_is_known_and_never_quite_sure(
    written: str, name: str
) -> None:
    (found, sure), *_ = _match(written, ["Zoé", name, "Quentin"])
    assert found == name
    assert 0.5 < sure <= 0.9


@pytest.mark.parametrize("written", ["MAMETHOMAS", "THOMASDURAND"])
def test_none_of_these_is_less_sure_where_a_listed_name_stands(written: str) -> None:
    found = _match(written, ["Zoé", "Thomas", *LISTED])
    assert "Thomas" in [one.name for one in found]
    assert found[0].confidence < 0.999


def test_a_part_of_a_listed_name_beside_another_word_is_another_person() -> None:
    (found, sure), *_ = _match("MANON PETIT", ["Zoé", "Roux Manon", "Quentin"])
    assert found is None
    assert sure > 0.9


def test_none_of_these_is_an_answer() -> None:
    (found, sure), *_ = _match("QUENTIN", ["Zoé", "Léa"])
    assert found is None
    assert sure > 0.9


def test_the_nearest_name_stands_behind_none_of_these() -> None:
    first, second, *_ = _match("MARTEL", ["MARTEN", "LEA"], sure=14.0)
    assert first[0] is None
    assert second[0] == "MARTEN"
    assert first[1] + second[1] == pytest.approx(1, abs=0.01)


def test_a_name_that_others_crowd_needs_more() -> None:
    alone = _match("MARTINE", ["MARTINA", "LEA", "ZOE"], sure=6.0)
    crowded = _match("MARTINE", ["MARTINA", "MARTINI", "ZOE"], sure=6.0)
    assert sum(one.confidence for one in alone if one.name) > 1.05 * sum(
        one.confidence for one in crowded if one.name
    )


def test_names_written_alike_share_the_probability() -> None:
    first, second = _match("ZOE", ["Zoé", "Zoe"])
    assert {first[0], second[0]} == {"Zoé", "Zoe"}
    assert first[1] == second[1]
    assert 0.45 < first[1] <= 0.5


def test_equal_names_are_one() -> None:
    apart = unicodedata.normalize("NFD", "LÉA")  # as a Mac may write it
    assert Roster(["LEA", " LEA", "Lea", "Léa", apart], LETTERS).names == ["LEA", "Léa"]


def test_a_thousand_twins_are_no_trouble() -> None:
    names = [
        f"Manon {a}{b}" for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    ]
    first, *_ = _match("MANON", names * 2)
    assert first.name in names
    assert first.confidence < 0.01


def test_an_endless_name_is_left_out_and_harms_no_other() -> None:
    roster = Roster(["MANON", "A" * 3000], LETTERS)
    assert roster.names == ["MANON"]
    assert "too long" in roster.problems[0]


def test_the_ways_to_write_a_name_share_its_probability() -> None:
    for name in ("Jean-Pierre de la Tour", "O'Neil", "Léa", "A-B C"):
        ways = spellings(name, LETTERS)
        assert sum(way.share for way in ways) == pytest.approx(1)
        assert ways[0].share >= 0.5
        assert len({way.text for way in ways}) == len(ways)


def test_a_name_that_cannot_be_written_is_told() -> None:
    roster = Roster(["LEA", "Анна", "42"], LETTERS)
    assert roster.names == ["LEA"]
    assert len(roster.problems) == 2
    assert "Анна" in roster.problems[0]


def test_a_roster_without_a_usable_name_is_refused() -> None:
    with pytest.raises(DataError, match=r"no usable name.*Анна"):
        Roster(["Анна"], LETTERS)


def test_a_name_is_found_by_its_other_ways_too() -> None:
    people = {"LE GUEN THOMAS": ("ROUX THOMAS", "Жук"), "MARTIN LEA": ()}
    roster = Roster(people, LETTERS)
    assert roster.names == list(people)
    assert not roster.problems
    written = _written("ROUX THOMAS")
    with_other, without = roster.weigh(written).log_probs
    assert with_other > without
    assert with_other > Roster(["LE GUEN THOMAS"], LETTERS).weigh(written).log_probs[0] + 5


def test_a_model_of_small_letters_and_accents_finds_a_name_in_any_case() -> None:
    letters = Charset(" -aceghilmnoruvLMGNOZé")
    ways = {way.text for way in all_spellings(["LE GUEN Manon"], letters)}
    assert {"Le Guen Manon", "Manon Le Guen"} <= ways
    roster = Roster(["Zoé LE GUEN", "Жук"], letters)
    assert roster.names == ["Zoé LE GUEN"]
    assert "'Жук': the model does not know" in roster.problems[0]


def test_none_of_these_is_no_surer_than_the_fitted_names_can_show() -> None:
    log_probs = _written("EMMA")
    roster = Roster(["X" * 60], LETTERS)
    found = match(log_probs, roster, beam_search(log_probs), {**WEIGHTS, "fitted_on": 98})
    assert found[0].name is None
    assert found[0].confidence == pytest.approx(0.99)
