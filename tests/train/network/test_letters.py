"""What each letter begins as, where a network learns other letters than the one that it starts from."""

from __future__ import annotations

from hwr_edge.line.charset import BLANK, Charset
from hwr_train.network.letters import taken_over


def test_a_letter_begins_as_itself_else_as_its_folded_one_else_as_nothing() -> None:
    before, after = Charset(" AES"), Charset("Sé a7ß")
    assert taken_over(before, after) == [BLANK, 4, 3, 1, 2, None, None]


def test_the_same_letters_begin_as_themselves() -> None:
    letters = Charset(" ABC")
    assert taken_over(letters, letters) == [0, 1, 2, 3, 4]
