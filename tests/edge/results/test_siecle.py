from __future__ import annotations

from pathlib import Path

import pytest

from hwr_edge.errors import DataError
from hwr_edge.results.roster_file import read_people

HEAD = '<?xml version="1.0" encoding="{}"?>\n'
PUPILS = """<BEE_ELEVES VERSION="2.1"><PARAMETRES><UAJ>0000000A</UAJ></PARAMETRES><DONNEES><ELEVES>
<ELEVE ELEVE_ID="71" ELENOET="1"><ID_NATIONAL>0AB</ID_NATIONAL><NOM_DE_FAMILLE>DUBOIS</NOM_DE_FAMILLE>
<PRENOM>Zo\u00e9 &amp; co</PRENOM><RESPONSABLE><NOM>DURAND</NOM></RESPONSABLE></ELEVE>
<ELEVE ELEVE_ID="72" ELENOET="2"><NOM>M\u00dcLLER</NOM><PRENOM>Fran\u00e7ois</PRENOM></ELEVE>
</ELEVES><STRUCTURES>
<STRUCTURES_ELEVE ELEVE_ID="71" ELENOET="1">
<STRUCTURE><CODE_STRUCTURE>3AGR1</CODE_STRUCTURE><TYPE_STRUCTURE>G</TYPE_STRUCTURE></STRUCTURE>
<STRUCTURE><CODE_STRUCTURE>3A</CODE_STRUCTURE><TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE>
</STRUCTURES_ELEVE></STRUCTURES></DONNEES></BEE_ELEVES>"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ElevesSansAdresses.xml"


@pytest.mark.parametrize("encoding", ["ISO-8859-15", "UTF-8", "windows-1252"])
def test_pupils_come_with_their_class_and_nobody_elses_name(path: Path, encoding: str) -> None:
    text = (HEAD.format(encoding) + PUPILS).replace(" &amp; co", "")
    path.write_bytes(text.encode(encoding))
    people = read_people(path)
    assert people.names == ("DUBOIS Zo\u00e9", "M\u00dcLLER Fran\u00e7ois")
    cells = [people.entries[name][0].cells for name in people.names]
    assert [one["DIVISION"] for one in cells] == ["3A", ""]
    assert not people.notes


def test_a_dtd_is_refused_before_its_entities_grow(path: Path) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    path.write_text(HEAD.format("UTF-8") + bomb + PUPILS)
    with pytest.raises(DataError, match="with a DTD is not read; export the list again"):
        read_people(path)


@pytest.mark.parametrize("content", [PUPILS[:300], HEAD.format("no-such-code") + PUPILS])
def test_broken_xml_is_one_line_that_says_what_to_do(path: Path, content: str) -> None:
    path.write_text(content)
    with pytest.raises(DataError, match=r"not valid XML \(.*\); export the list again"):
        read_people(path)


def test_a_list_without_pupils_is_refused(path: Path) -> None:
    path.write_text(HEAD.format("UTF-8") + "<BEE_ELEVES><DONNEES/></BEE_ELEVES>")
    with pytest.raises(DataError):
        read_people(path)
