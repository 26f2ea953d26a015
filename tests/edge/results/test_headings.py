"""What the headings of people's lists say."""

from __future__ import annotations

import pytest

from hwr_edge.results.headings import Role, roles

SURNAME, GIVEN, WHOLE, NAME = Role.SURNAME, Role.GIVEN, Role.WHOLE, Role.NAME
OTHER, ID = Role.OTHER, Role.ID


@pytest.mark.parametrize(
    ("headings", "found"),
    [
        ("Nom élève;Nom d'usage élève;Prénom élève", [SURNAME, Role.OTHER_SURNAME, GIVEN]),
        ("Premier prénom*;Deuxième prénom;Nom de famille*", [GIVEN, OTHER, SURNAME]),
        ("name;surname;id", [GIVEN, SURNAME, ID]),
        ("Name;Vorname", [SURNAME, GIVEN]),
        ("Student Number;Student Name", [ID, NAME]),
        ("Student_Number;Last_Name;firstName", [ID, SURNAME, GIVEN]),
        ("Legal Forename;Preferred Forename;Legal Surname", [GIVEN, Role.OTHER_GIVEN, SURNAME]),
        ("Primer apellido;Segundo apellido;Nombre", [SURNAME, Role.SECOND_SURNAME, GIVEN]),
        ("Alumno/a;Nº Id. Escolar", [WHOLE, OTHER]),
        ("Nom, Prénom;Vor- und Nachname;Last, First", [WHOLE, WHOLE, WHOLE]),
        ("Prénom du père;Class name;User name;Date de naissance", [OTHER] * 4),
        ("Prénom 1;Prénom 2;Schüler*in", [GIVEN, OTHER, WHOLE]),
        ("Cognoms;Nom", [SURNAME, GIVEN]),
        ("Nom de naissance;N° élève;Code élève", [SURNAME, ID, ID]),
    ],
)
def test_a_heading_counts_where_all_its_words_are_known(headings: str, found: list[Role]) -> None:
    assert [one.role for one in roles(headings.split(";"))] == found
