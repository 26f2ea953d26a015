"""Lists as the programs of schools write them, made by other code than what reads them.

Headings, order of columns, separators and encodings are those that the programs' documents, and public
programs that import their lists, show; the people are made up.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from hwr_edge.errors import DataError
from hwr_edge.line.charset import fold
from hwr_edge.results.roster_file import read_people

Rows = Sequence[Sequence[object]]


class Pupil(NamedTuple):
    surname: str
    given: str
    middle: str = ""
    used: str = ""


CLASS = (
    Pupil("Dubois", "Manon", "Zoé"),
    Pupil("Le Guen", "Thomas", "", "Le Guen-Roux"),
    Pupil("N'Diaye", "Éloïse", "Anne"),
    Pupil("Müller", "Jean-Pierre"),
    Pupil("Muñoz", "François"),
)
SURNAME_FIRST = [f"{p.surname} {p.given}" for p in CLASS]


class Kind(NamedTuple):
    """A program's list: headings (None without), and a pupil's cells."""

    headings: str | None
    cells: Callable[[int, Pupil], Sequence[object]]
    separator: str = ";"
    above: str = ""
    below: str = ""


# fmt: off
KINDS = {
    "pronote, no headings": Kind(None, lambda k, p: (p.surname.upper(), p.given)),
    "pronote, export": Kind(
        "Nom;Prénom;Né(e) le;Prénom d'usage;Sexe;Classe;Projet d'accompagnement;Allergies",
        lambda k, p: (p.surname.upper(), p.given, f"0{k}/04/2012", "", "FG"[k % 2], "CM2C", "", ""),
    ),
    "pronote, one column": Kind(
        "Élève;Né(e) le;Classe",
        lambda k, p: (f"{p.surname.upper()} {p.given}", f"1{k}/04/2012", "3A"),
    ),
    "onde": Kind(
        "Nom élève;Nom d'usage élève;Prénom élève;Date naissance;Sexe;INE;Adresse1;Cp1;Commune1;Niveau;"
        "Libellé classe;Nom responsable 1;Prénom responsable 1",
        lambda k, p: (
            p.surname.upper(), p.used.upper(), p.given, f"0{k}/09/2014", "M", f"0{k}AB1234", f"{k} rue du Bac",
            "29000", "Quimper", "CM1", "CM1 A", "DURAND", "Paul",
        ),
    ),
    "siecle, csv": Kind(
        "N° INTERNE;NOM DE FAMILLE;NOM USAGE;PRENOM 1;PRENOM 2;DATE NAISS;CODE SEXE;DIVISION",
        lambda k, p: (1000 + k, p.surname.upper(), p.used.upper(), p.given, p.middle, "01/02/2010", 1, "3A"),
    ),
    "école directe": Kind(
        "N°;Élève;Né(e) le;Régime",
        lambda k, p: (k, f"{p.surname.upper()} {p.given}", f"0{k}/02/2010", "DP"),
        above="Classe 3A - 2024/2025;;;\n;;;\n",
        below=";Effectif : 5;;\n",
    ),
    "école directe, names alone": Kind(
        None,
        lambda k, p: (f"{p.surname.upper()} {p.given}",),
        above="Classe 3A - 2024/2025\n",
    ),
    "pix": Kind(
        "Identifiant unique*;Premier prénom*;Deuxième prénom;Troisième prénom;Nom de famille*;Nom d’usage;"
        "Code sexe*;Date de naissance (jj/mm/aaaa)*;Libellé commune naissance**;Statut*;Division*",
        lambda k, p: (f"{k:011}A", p.given, p.middle, "", p.surname, p.used, "F", "01/02/2010", "PARIS", "ST", "3A"),
    ),
    "scodoc": Kind(
        "Code_NIP;nom;nom_usuel;prenom;civilite;date_naissance;lieu_naissance",
        lambda k, p: (f"1220{k}", p.surname, p.used, p.given, "M", "01/02/2003", "Brest"),
    ),
    "moodle, English": Kind(
        "First name,Last name,ID number,Institution,Department,Email address,Quiz: one (Real)",
        lambda k, p: (p.given, p.surname, f"s{k}", "", "", f"pupil{k}@example.org", "12.5"),
        ",",
    ),
    "moodle, French": Kind(
        "Prénom,Nom de famille,Numéro d'identification,Adresse de courriel",
        lambda k, p: (p.given, p.surname, f"s{k}", f"pupil{k}@example.org"),
        ",",
    ),
    "moodle, German": Kind(
        "Vorname,Nachname,ID-Nummer,Institution,Abteilung,E-Mail-Adresse",
        lambda k, p: (p.given, p.surname, f"s{k}", "Schule", "", f"pupil{k}@example.org"),
        ",",
    ),
    "moodle, Spanish": Kind(
        "Nombre,Apellido(s),Número de ID,Institución,Departamento,Dirección de correo",
        lambda k, p: (p.given, p.surname, f"s{k}", "", "", f"pupil{k}@example.org"),
        ",",
    ),
    "moodle, upload": Kind(
        "username,firstname,lastname,email,cohort1",
        lambda k, p: (f"user{k}", p.given, p.surname, f"pupil{k}@example.org", "sixA"),
        ",",
    ),
    "markus": Kind(
        None, lambda k, p: (f"c{k}name", p.surname, p.given, f"LEC0{k % 2}", f"{k}", f"c{k}@example.org"), ","
    ),
    "amc": Kind(
        "name:surname:id:email",
        lambda k, p: (p.given, p.surname.upper(), f"{k:03}", f"p{k}@example.org"),
        ":",
        above="# AMC list\n",
    ),
    "isams": Kind(
        "School Code,Surname,Forename,Preferred Name,Form,Academic House,Date of Birth",
        lambda k, p: (f"00{k}", p.surname, p.given, "", "7A", "Keats", "2012-01-02"),
        ",",
    ),
    "sims": Kind(
        "Legal Forename,Preferred Forename,Legal Surname,UPN,DOB,Year,Reg Group,SEN",
        lambda k, p: (p.given, "", p.surname, f"A1234567890{k}", "14/03/2012", 9, "9X", "No"),
        ",",
        above="Class list for Year 9,,,,,,,\n",
    ),
    "powerschool": Kind(
        "Student_Number\tLast_Name\tFirst_Name\tGrade_Level\tHome_Room",
        lambda k, p: (1000 + k, p.surname, p.given, 7, "Smith"),
        "\t",
    ),
    "powerschool, one column": Kind(
        "Student Number,Student Name,Grade Level,Home Room",
        lambda k, p: (1000 + k, f"{p.surname}, {p.given} {p.middle}".strip(), 7, "Smith"),
        ",",
    ),
    "canvas": Kind(
        "Student,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (23),Current Score",
        lambda k, p: (f"{p.surname}, {p.given}", k, f"S{k}", f"login{k}", "XC 101", 8.0, 90),
        ",",
    ),
    "blackboard": Kind(
        "Last Name,First Name,Username,Student ID,Homework [Total Pts: 2 Score] |534283",
        lambda k, p: (p.surname, p.given, f"user{k}", f"M{k}", "2.00"),
        ",",
    ),
    "gradescope": Kind(
        "First Name,Last Name,SID,Email,Sections,exam,Total Score",
        lambda k, p: (p.given, p.surname, 9000 + k, f"p{k}@example.org", "A", "", "10.0"),
        ",",
    ),
    "asv": Kind(
        "Schülernummer;Familienname;Rufname;Klasse;Geburtsdatum;Geburtsort",
        lambda k, p: (k, p.surname, p.given, "7B", "03.02.2012", "Ulm"),
    ),
    "webuntis": Kind(
        "Klasse;SchülerID;Nachname;Vorname;EMail",
        lambda k, p: ("7b", k, p.surname, p.given, f"p{k}@example.org"),
    ),
    "webuntis, all columns": Kind(
        "name\tlongName\tforeName\tgender\tbirthDate\tklasse.name",
        lambda k, p: (f"Xyz{k}", p.surname, p.given, "F", "20120203", "7b"),
        "\t",
    ),
    "german list": Kind("Name;Vorname;Klasse", lambda k, p: (p.surname, p.given, "7b")),
    "séneca": Kind(
        "Alumno/a;Nº Id. Escolar;Fecha de nacimiento;Unidad",
        lambda k, p: (f"{p.surname}, {p.given}", 1200000 + k, "01/02/2010", "3º ESO A"),
    ),
    "two surnames": Kind(
        "DNI;Primer apellido;Segundo apellido;Nombre;Unidad",
        lambda k, p: (f"0{k}Z", p.surname, "", p.given, "3º ESO A"),
    ),
    "spanish list": Kind(
        "Estudiante;Apellidos;Nombres", lambda k, p: (20200240 + k, p.surname.upper(), p.given)
    ),
    "google classroom": Kind(
        "Last Name,First Name,Email Address,Essay 2024-10-01",
        lambda k, p: (p.surname, p.given, f"p{k}@example.org", 87),
        ",",
    ),
}
# fmt: on


def _wanted(kind: str) -> list[str]:
    """Surname and first name of all, as letters alone."""
    comma = [f"{p.surname} {p.given} {p.middle}".split() for p in CLASS]
    whole = {"powerschool, one column": [" ".join(words) for words in comma]}
    return [fold(name) for name in whole.get(kind, SURNAME_FIRST)]


def _table(kind: Kind) -> list[list[object]]:
    rows = [[*kind.cells(k, p)] for k, p in enumerate(CLASS, 1)]
    head: list[list[object]] = (
        [] if kind.headings is None else [[*kind.headings.split(kind.separator)]]
    )
    return [*head, *rows]


def _text(kind: Kind) -> str:
    lines = io.StringIO(newline="")
    csv.writer(lines, delimiter=kind.separator, lineterminator="\n").writerows(_table(kind))
    return kind.above + lines.getvalue() + kind.below


def _found(path: Path) -> list[str]:
    return [fold(name.replace(",", "")) for name in read_people(path).names]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman", "cp850"]
)
def test_the_list_of_each_program_is_read_without_an_option(
    kind: str, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(_text(KINDS[kind]).replace("’", "'").encode(encoding))
    assert _found(path) == _wanted(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_so_it_is_with_the_line_ends_of_windows_and_by_the_ending_txt(
    kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(_text(KINDS[kind]).replace("\n", "\r\n").encode())
    assert _found(path) == _wanted(kind)


def _xlsx(path: Path, rows: Rows) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(path)


def _xls(path: Path, rows: Rows) -> None:
    xlwt = pytest.importorskip("xlwt")
    book = xlwt.Workbook()
    sheet = book.add_sheet("3A")
    for k, row in enumerate(rows):
        for at, cell in enumerate(row):
            sheet.write(k, at, cell)
    book.save(str(path))


def _ods(path: Path, rows: Rows) -> None:
    pytest.importorskip("odf")
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    book, sheet = OpenDocumentSpreadsheet(), Table(name="3A")
    for row in rows:
        line = TableRow()
        for cell in row:
            written = TableCell(valuetype="string")
            written.addElement(P(text=str(cell)))
            line.addElement(written)
        sheet.addElement(line)
    book.spreadsheet.addElement(sheet)
    book.save(str(path))


WRITERS: dict[str, Callable[[Path, Rows], None]] = {".xlsx": _xlsx, ".xls": _xls, ".ods": _ods}


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("kind", ["onde", "pronote, export", "markus", "isams", "séneca"])
def test_the_files_of_spreadsheets_are_read(kind: str, ending: str, tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    path = tmp_path / f"list{ending}"
    title: list[list[object]] = [["Liste de la classe"], []]
    WRITERS[ending](path, [*title, *_table(KINDS[kind])])
    assert _found(path) == _wanted(kind)


def test_a_row_that_is_no_pupil_s_is_left_out_and_told(tmp_path: Path) -> None:
    path = tmp_path / "canvas.csv"
    lines = _text(KINDS["canvas"]).split("\n")
    path.write_text("\n".join([lines[0], "    Points Possible,,,,,10,", *lines[1:]]))
    assert _found(path) == _wanted("canvas")
    assert any(
        "skipped, not names: line 2: 'Points Possible'" in n for n in read_people(path).notes
    )


def test_two_surnames_are_one_name_and_so_is_the_first_of_them(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Apellido 1;Apellido 2;Nombre\nGarcía;López;Ana María\n", encoding="utf-8")
    people = read_people(path)
    assert people.names == ("García López Ana María",)
    assert people.others["García López Ana María"] == (
        "García Ana María", "García López Ana", "García Ana",
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        '"Dubois", "Manon"\n"O\'Brien", "Sean"\n',
        "'Dubois','Manon'\n'O'Brien','Sean'\n",
        "| Nom | Prénom |\n|---|---|\n| Dubois | Manon |\n| O'Brien | Sean |\n",
        "Nom;Prénom\nDubois;Manon\nNom;Prénom\nO'Brien;Sean\n",
        "Dubois;Manon;\nO'Brien;Sean;\n",
        "NOM PrÃ©nom\nDubois Manon\nO'Brien Sean\n",
    ],
)
def test_the_same_two_pupils_in_other_dress(text: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    assert list(read_people(path).names) == ["Dubois Manon", "O'Brien Sean"]


def test_a_name_in_use_is_another_way_to_write_the_same_one(tmp_path: Path) -> None:
    path = tmp_path / "onde.csv"
    path.write_text(_text(KINDS["onde"]))
    people = read_people(path)
    assert people.others["LE GUEN Thomas"] == ("LE GUEN-ROUX Thomas",)
    assert people.others["DUBOIS Manon"] == ()
    assert people.id_column == "INE"
    assert people.entries["DUBOIS Manon"][0].cells["Libellé classe"] == "CM1 A"


def test_the_first_of_several_first_names_is_another_way(tmp_path: Path) -> None:
    path = tmp_path / "powerschool.csv"
    path.write_text(_text(KINDS["powerschool, one column"]))
    assert read_people(path).others["Dubois, Manon Zoé"] == ("Dubois, Manon",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<?xml version='1.0'?><ELEVES/>", "is XML that is not SIECLE's list"),
        (b"\xef\xbb\xbf<html><table>", "is a web page"),
        (b"%PDF-1.7", "is a PDF"),
        (b"DUBOIS;Manon;Paris\nROUX;Zo\xc3\xa9;Brest\n", "which columns have the names"),
        (b"Nom;Nom du responsable;Ville\nDUBOIS;PETIT;Paris\n", "which columns have the names"),
        (b"a@x.org;12\nb@x.org;13\n", "which columns have the names"),
        (b"\xd0\xcf\x11\xe0 cut short", "spreadsheet"),
        (b"PK\x03\x04 cut short", "spreadsheet"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_one_line_that_says_what_to_do(
    content: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "list.xls"
    path.write_bytes(content)
    with pytest.raises(DataError, match=said) as caught:
        read_people(path)
    assert "\n" not in str(caught.value)


def test_a_sheet_whose_last_cell_is_far_away_is_one_line(tmp_path: Path) -> None:
    """Five kilobytes; the reader's library makes room for 17,000,000,000 cells, and ends its process."""
    pytest.importorskip("python_calamine")
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "far.xlsx"
    for row, column, said in (
        (1_048_575, 16_383, "takes more memory"),
        (299_999, 9, "more than 2,"),
    ):
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            sheet.write_column(0, 0, ["Nom", "LEA"])
            sheet.write(row, column, "x")
        with pytest.raises(DataError, match=rf"far.xlsx: .*{said}.*; save it as \.csv"):
            read_people(path)


def test_a_spreadsheet_without_its_package_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    path = tmp_path / "list.xlsx"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(DataError, match=r"extra sheets, or save it as \.csv"):
        read_people(path)


def test_columns_are_named_by_heading_or_number_and_put_together_in_that_order(
    tmp_path: Path,
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("DUBOIS;Manon;Paris\nROUX;Zoé;Brest\n", encoding="utf-8")
    assert read_people(path, ("2", "1")).names == ("Manon DUBOIS", "Zoé ROUX")
    path.write_text("x;Sir;Ruf\n1;DUBOIS;Manon\n2;ROUX;12\n", encoding="utf-8")
    people = read_people(path, ("ruf", "SIR"))
    assert people.names == ("Manon DUBOIS",)
    assert any("line 3" in note for note in people.notes)


def test_people_who_are_called_alike_are_told(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Nom;Prénom\nROUX;Zoé\nDUBOIS;Lou\nRoux;Zoé\n", encoding="utf-8")
    people = read_people(path)
    assert people.names == ("ROUX Zoé", "DUBOIS Lou")
    assert [entry.line for entry in people.entries["ROUX Zoé"]] == [2, 4]
    assert any("ROUX Zoé is on lines 2, 4" in note for note in people.notes)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1. Dubois Manon\n2) O'Brien Sean\n", ["Dubois Manon", "O'Brien Sean"]),
        ("Nom d'usage;Prénom\nDubois;Manon\n", ["Dubois Manon"]),
        ('"Langname";"Vorname";"Klasse"\n"Dubois";"Manon";"5a"\n', ["Dubois Manon"]),
        (
            "First Name [Required],Last Name [Required],Password [Required]\nManon,Dubois,x1\n",
            ["Dubois Manon"],
        ),
    ],
)
def test_further_lists_of_offices(text: str, names: list[str], tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    assert list(read_people(path).names) == names


@pytest.mark.parametrize(
    "text", ["Email\na@x.org\nb@x.org\n", "Vorname;Sippe\nLea;Roux\nTom;Petit\n"]
)
def test_a_column_that_may_be_half_of_the_name_is_asked_about(text: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="--roster-column"):
        read_people(path)
