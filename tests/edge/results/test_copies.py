from __future__ import annotations

from hwr_edge.line.reading import Reading
from hwr_edge.results.copies import Copies
from hwr_edge.results.rows import Row
from hwr_edge.results.tables import FormTable

PAGES = [["nom"], ["ville"]]


def side(page: int | None, *fields: str, image: str = "scans.pdf", turn: int = 0) -> list[Row]:
    """The rows of a page; each field says its own name."""
    return [
        Row(image, Reading(name.upper(), 0.9, (), (0, 0, 9, 9)), page=page, field=name, turn=turn)
        for name in fields
    ]


def joined(copies: Copies, *pages: list[Row]) -> list[list[tuple[int | None, str | None]]]:
    """Page and field of each row, form by form."""
    whole = [one for page in pages for one in copies.add(page)] + copies.rest()
    return [[(row.page, row.field) for row in one] for one in whole]


def test_front_and_back_are_one_form_and_the_next_front_begins_another() -> None:
    pages = [side(1, "nom"), side(2, "ville"), side(3, "nom"), side(4, "ville")]
    assert joined(Copies(PAGES), *pages) == [
        [(1, "nom"), (2, "ville")],
        [(3, "nom"), (4, "ville")],
    ]


def test_a_back_is_not_given_to_the_front_before_a_page_that_was_refused() -> None:
    assert joined(Copies(PAGES), side(1, "nom"), [], [], side(4, "ville")) == [
        [(1, "nom")],
        [(4, "ville")],
    ]


def test_pages_of_a_form_among_others_go_together_where_every_how_many_is_known() -> None:
    pages = [side(1, "nom"), side(6, "ville"), side(7, "nom"), side(12, "ville")]
    assert len(joined(Copies(PAGES, every=6), *pages)) == 2
    assert len(joined(Copies(PAGES), *pages)) == 4


def test_images_and_documents_are_never_joined_with_each_other() -> None:
    single = side(None, "nom", image="a.png"), side(None, "ville", image="b.png")
    assert len(joined(Copies(PAGES), *single)) == 2
    assert len(joined(Copies(PAGES), side(1, "nom"), side(1, "ville", image="other.pdf"))) == 2


def test_a_record_says_of_which_pages_it_is() -> None:
    table = FormTable(["nom", "ville"], matched=False, reviewed=False)
    (cells,) = table.records([*side(1, "nom"), *side(2, "ville")])
    assert cells[:5] == ["scans.pdf", "1+2", None, "NOM", "VILLE"]
    (cells,) = table.records([*side(1, "nom", turn=180), *side(2, "ville")])
    assert cells[:3] == ["scans.pdf", "1+2", "180+0"]
    (cells,) = table.records(side(3, "ville"))
    assert cells[:5] == ["scans.pdf", 3, None, None, "VILLE"]
