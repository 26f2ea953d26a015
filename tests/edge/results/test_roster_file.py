"""Rosters as people keep them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwr_edge.errors import DataError
from hwr_edge.results.roster_file import read_roster


def _file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_name_a_line_in_any_encoding(tmp_path: Path, encoding: str, end: str) -> None:
    text = end.join(["# class 6 B", "Zoé", "", "  Jean-Pierre ", ""])
    assert read_roster(_file(tmp_path, "a.txt", text.encode(encoding))) == ["Zoé", "Jean-Pierre"]


def test_a_program_names_the_file_by_text_too(tmp_path: Path) -> None:
    assert read_roster(str(_file(tmp_path, "a.txt", "Zoé\nLéa\n"))) == ["Zoé", "Léa"]


@pytest.mark.parametrize("surname", ["Kind", "Schüler", "Last", "Enfant", "Estudiante", "Nom"])
def test_people_who_are_called_like_a_heading_hide_nobody(tmp_path: Path, surname: str) -> None:
    rows = ["Müller;Anna", "Maier;Karl", f"{surname};Lena", "Vogt;Nils", "Otto;Ida"]
    found = read_roster(_file(tmp_path, "a.csv", "\n".join(rows)))
    assert found == [row.replace(";", " ") for row in rows]
    first = _file(tmp_path, "b.csv", "\n".join([rows[2], *rows[:2], *rows[3:]]))
    with pytest.raises(DataError, match="which columns have the names"):
        read_roster(first)


_FRENCH = (
    "Élève;Classe\nLEFÈVRE Anaïs;6B\nde La Tour Hélène;6B\nGARCÍA LÓPEZ María;6B\nMÜLLER Zoé;6B\n"
)
_CZECH = "Dvořák Jiří\nNováková Šárka\nČerný Ondřej\nKučerová Tereza\nMüller Matěj\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(_FRENCH, one) for one in ("cp1252", "mac_roman", "cp850", "iso8859_15")]
    + [(_CZECH, one) for one in ("cp1250", "iso8859_2", "cp852")],
)
def test_names_borrowed_from_other_languages_do_not_mislead_the_encoding(
    text: str, encoding: str, tmp_path: Path
) -> None:
    found = read_roster(_file(tmp_path, "a.csv", text.encode(encoding)))
    names = [line.partition(";")[0] for line in text.splitlines()]
    assert found == [name for name in names if name != "Élève"]


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("NOM;Prénom;Classe\nDUPONT;Léa;6B\nMARTIN;;6B\n", ["DUPONT Léa", "MARTIN"]),
        ("First name,Surname\nLéa,DUPONT\n", ["DUPONT Léa"]),
        ("id,Name\n7,Léa\n", ["Léa"]),
        ("FILENAME,IDENTITY\na.jpg,LEA\n", ["LEA"]),
        ("Léa\nZoé\n", ["Léa", "Zoé"]),
        ('name\n"DE LA, TOUR"\n', ["DE LA, TOUR"]),
        ("family_name\tage\nDUPONT\t11\n", ["DUPONT"]),
        ("Name;Vorname\nDUPONT;Lea\n", ["DUPONT Lea"]),
        ("Nom;Prénom 1;Prénom 2\nDUPONT;Léa;Zoé\n", ["DUPONT Léa"]),
        ("Élève\nLéa\n", ["Léa"]),
        ("Nom;Prénom du père;Prénom\nDUPONT;Paul;Léa\n", ["DUPONT Léa"]),
        ("Nom, Prénom;Classe\nDUPONT, Léa;3A\n", ["DUPONT, Léa"]),
        ('"NOM Prénom"\n"DUPONT Léa"\n', ["DUPONT Léa"]),
        ("Prénom(s) et nom\nLéa DUPONT\n", ["Léa DUPONT"]),
        ("Nom et prénom;Prénom du père\nDUPONT Léa;Paul\n", ["DUPONT Léa"]),
        ("Full name,First name\nLéa DUPONT,Léa\n", ["Léa DUPONT"]),
        ("id,Last name / first name\n7,DUPONT Léa\n", ["DUPONT Léa"]),
        ("Nom de famille;Prénom de l'élève\nDUPONT;Léa\n", ["DUPONT Léa"]),
    ],
)
def test_a_table_by_its_heading(tmp_path: Path, content: str, names: list[str]) -> None:
    assert read_roster(_file(tmp_path, "a.csv", content)) == names


def test_a_column_can_be_named(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.csv", "NOM;Prénom\nDUPONT;Léa\n")
    assert read_roster(path, "prenom") == ["Léa"]
    other = _file(tmp_path, "b.csv", "First_Name,age\nLéa,11\n")
    assert read_roster(other, "First_Name") == ["Léa"]
    with pytest.raises(DataError, match="no column 'age'; the columns are 1 'NOM', 2 'Prénom'"):
        read_roster(path, "age")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "", "no names found"),
        ("a.csv", "", "no names found"),
        ("a.csv", "nom\n\n", "no names found"),
        ("a.txt", b"\x00\x01\x02PNG", "not a text file"),
        ("a.csv", "a,b\nx,y\n", "which columns have the names"),
        ("a.csv", 'name\n"' + "A" * 200_000, "not a CSV"),
        ("a.csv", 'name\n"LEA\nZOE\n', "not a CSV"),
        ("a.csv", "nom;petit nom\nDUPONT;LEA\n", "which columns have"),
        (
            "a.csv",
            "nom;prénom 1er enfant;prénom 2e enfant\nDUPONT;PAUL;LEA\n",
            "which columns have",
        ),
        ("a.txt", "Manon, Lucas, Maeva\n", "which columns have the names"),
    ],
)
def test_a_file_that_cannot_serve_is_one_clear_error(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_roster(_file(tmp_path, name, content))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.txt: cannot be read"):
        read_roster(tmp_path / "nowhere.txt")


def test_lines_of_an_old_mac_and_excels_own_first_line_are_understood(tmp_path: Path) -> None:
    assert read_roster(_file(tmp_path, "a.txt", "MANON\rLUCIE\r")) == ["MANON", "LUCIE"]
    table = "sep=;\nName;Class\nRoux, Manon;6A\n"
    assert read_roster(_file(tmp_path, "a.csv", table)) == ["Roux, Manon"]


def test_a_table_parted_by_tabs_may_say_so(tmp_path: Path) -> None:
    path = tmp_path / "tabs.csv"
    path.write_text("sep=\t\nNom\tPrénom\nDUPONT\tJean\n", encoding="utf-8")
    assert read_roster(path) == ["DUPONT Jean"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Classe de CM2\nNom;Prénom\nDubois;Lucie\nRoux;Manon\n", ["Dubois Lucie", "Roux Manon"]),
        ("Élèves;;\nNom;Prénom;Classe\nDubois;Lucie;3A\n", ["Dubois Lucie"]),
        ("École Jules Ferry - CM2\nNom,Prénom\nRoux,Manon\n", ["Roux Manon"]),
        ("# liste\nNom;Prénom\nRoux;Manon\n", ["Roux Manon"]),
        ("Collège,,\n,,\nEleve,Date,Note\nROUX Manon,1/2/2010,12\n", ["ROUX Manon"]),
        ("Liste des élèves\nROUX Manon\nDUBOIS Lucie\n", ["ROUX Manon", "DUBOIS Lucie"]),
    ],
)
def test_a_title_above_the_headings_is_passed_over(
    text: str, names: list[str], tmp_path: Path
) -> None:
    assert read_roster(_file(tmp_path, "title.csv", text)) == names


@pytest.mark.parametrize(
    "text", ["   \n;;\nNom;Prénom\nRoux;Manon\n", "Nom\nRoux, Manon\nDubois, Lucie\n"]
)
def test_blank_lines_and_commas_in_names_are_no_title(text: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text.replace(";;\n", ""), encoding="utf-8")
    assert read_roster(path)[0] in ("Roux Manon", "Roux, Manon")


@pytest.mark.parametrize(
    "heading", ["Prénom du père", "Vorname der Mutter", "Given name of parent"]
)
def test_a_parent_s_first_name_is_no_part_of_the_pupil_s(heading: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"Élève;Date;{heading}\nDUBOIS Lucie;1;Jean\n", encoding="utf-8")
    assert read_roster(path) == ["DUBOIS Lucie"]


def test_the_only_column_may_be_named_whatever_its_heading(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Participants\nRoux, Manon\nDubois, Lucie\n", encoding="utf-8")
    assert read_roster(path, "participants") == ["Roux, Manon", "Dubois, Lucie"]
