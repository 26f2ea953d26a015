"""A template's text, changed where it was drawn anew and nowhere else."""

from __future__ import annotations

import tomllib

import pytest

pytest.importorskip("tomlkit")

from hwr_edge.desk.form_editor.draft import DraftField
from hwr_edge.desk.form_editor.source import changed, cut
from hwr_edge.errors import DataError

TEXT = """\
# A form.
schema = 1
picture = "club.png"  # scanned on Monday
colour = "blue"

# the family
[[field]]
name = "nom"  # as in the register
box = [10, 20,   300, 40]
mine = {a = 1}

# alone

[[field]]
box = [
  10,  # left
  80, 300, 40,
]
kind = "text"
name = 'prenom'

[[field]]
name = "commune"
box = [10, 140, 300, 40]
roster = "towns.csv"
column = "Town"
# the end
"""
FIRST = DraftField("nom", (10, 20, 300, 40), origin=0)
SECOND = DraftField("prenom", (10, 80, 300, 40), "text", origin=1)
THIRD = DraftField("commune", (10, 140, 300, 40), "name", "towns.csv", "Town", 2)


def test_what_was_not_drawn_anew_stays_to_the_letter() -> None:
    assert changed(cut(TEXT), ((FIRST, SECOND, THIRD),)) == TEXT
    dos = TEXT.replace("\n", "\r\n")
    assert changed(cut(dos), ((FIRST, SECOND, THIRD),)) == dos


def test_a_change_keeps_the_comments_beside_it() -> None:
    moved = DraftField("prénom", (11, 80, 300, 41), "skip", origin=1)
    text = changed(cut(TEXT), ((FIRST, moved, THIRD),))
    assert text == TEXT.replace("10,  # left", "11,  # left").replace(
        "80, 300, 40,", "80, 300, 41,"
    ).replace("'prenom'", '"prénom"').replace('kind = "text"', 'kind = "skip"')


def test_a_list_can_be_taken_away_and_a_kind_given_back() -> None:
    plain = DraftField("commune", (10, 140, 300, 40), origin=2)
    named = DraftField("prenom", (10, 80, 300, 40), origin=1)
    text = changed(cut(TEXT), ((FIRST, named, plain),))
    assert 'kind = "name"' in text
    assert "roster" not in text
    assert "column" not in text
    assert text.endswith("# the end\n")


def test_fields_move_with_the_comments_right_above_them() -> None:
    text = changed(cut(TEXT), ((SECOND, FIRST, THIRD),))
    assert [row["name"] for row in tomllib.loads(text)["field"]] == ["prenom", "nom", "commune"]
    assert '# the family\n[[field]]\nname = "nom"  # as in the register' in text
    assert text.index("'prenom'") < text.index("# the family")
    assert tomllib.loads(text)["field"][1]["mine"] == {"a": 1}


def test_a_deleted_field_leaves_the_comments_that_stand_apart() -> None:
    text = changed(cut(TEXT), ((SECOND, THIRD),))
    assert "# alone" in text
    assert "# the family" not in text
    assert [row["name"] for row in tomllib.loads(text)["field"]] == ["prenom", "commune"]


def test_a_new_field_stands_where_it_was_put() -> None:
    new = DraftField('a "b"', (1, 2, 30, 40), "name", "x.csv", "N")
    text = changed(cut(TEXT), ((FIRST, new, SECOND, THIRD),))
    assert '\n\n[[field]]\nname = "a \\"b\\""\nbox = [1, 2, 30, 40]\nroster = "x.csv"\n' in text
    assert [row["name"] for row in tomllib.loads(text)["field"]] == ["nom", 'a "b"', "prenom", "commune"]  # fmt: skip
    assert text.count("#") == TEXT.count("#")


PAGES = """\
schema = 1

[[page]]
picture = "1.png"

[[page.field]]
name = "a"
box = [1, 2, 3, 4]

# the back
[[page]]
picture = "2.png"
[[page.field]]
name = "b"
box = [1, 2, 3, 4]
"""


def test_each_page_keeps_its_fields() -> None:
    a, b = (DraftField(name, (1, 2, 3, 4), origin=0) for name in "ab")
    assert changed(cut(PAGES), ((a,), (b,))) == PAGES
    text = changed(cut(PAGES), ((a,), (b, DraftField("c", (5, 6, 7, 8)))))
    pages = tomllib.loads(text)["page"]
    assert [[row["name"] for row in page["field"]] for page in pages] == [["a"], ["b", "c"]]
    assert text.startswith(PAGES)
    with pytest.raises(DataError, match="has 2 pages, not 1"):
        changed(cut(PAGES), ((a,),))


@pytest.mark.parametrize("origins", [(0, 0), (3, 1), (-1, 1)])
def test_a_field_comes_from_one_that_is_there(origins: tuple[int, int]) -> None:
    fields = tuple(DraftField(f"f{k}", (1, 2, 3, 4), origin=o) for k, o in enumerate(origins))
    with pytest.raises(DataError, match="refers to one that the template does not have"):
        changed(cut(TEXT), (fields,))


@pytest.mark.parametrize(
    "text",
    [
        'schema = 1\npicture = "a"\nfield = [{name = "a", box = [1, 2, 3, 4]}]\n',
        'schema = 1\nnote = """\n[[field]]\n"""\n[[field]]\nname = "a"\n',
        "schema = \n",
        "page = 3\n",
        "a = [" + "[" * 5000,
    ],
)
def test_what_cannot_be_kept_is_refused(text: str) -> None:
    with pytest.raises(DataError, match=r"not valid TOML|is not written with"):
        cut(text)


def test_a_key_of_many_parts_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(DataError, match="a key has more than 8 parts"):
        cut(".".join(["a"] * 50_000) + " = 1\n")
