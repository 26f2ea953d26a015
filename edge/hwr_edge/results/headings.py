"""What the headings of people's lists say, in English, French, German, Spanish and their neighbours.

A heading is known when every one of its words is: "Nom de famille*", "Legal Surname" and "Prénom élève"
are; "Prénom du père", "Class name" and "Nom du responsable" are not, and hold no pupil's name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple

from hwr_edge.line.charset import fold


class Role(Enum):
    """What stands under a heading."""

    SURNAME = auto()
    GIVEN = auto()
    NAME = auto()
    """One of the two, by what stands beside it, or else the whole: NOM, NAME, NOMBRE."""
    WHOLE = auto()
    OTHER_SURNAME = auto()
    """What a person may write instead: a name in use."""
    SECOND_SURNAME = auto()
    OTHER_GIVEN = auto()
    ID = auto()
    OTHER = auto()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SURNAME = _words(
    "SURNAME SURNAMES LASTNAME FAMILYNAME NACHNAME NACHNAMEN FAMILIENNAME ZUNAME LANGNAME LONGNAME APELLIDO APELLIDOS COGNOME "
    "COGNOMS ACHTERNAAM SOBRENOME APELIDO APELIDOS NAZWISKO PRIJMENI PRIEZVISKO EFTERNAVN EFTERNAMN ETTERNAVN SUKUNIMI"
)
_GIVEN = _words(
    "PRENOM PRENOMS FIRSTNAME FORENAME FORENAMES GIVENNAME GIVENNAMES VORNAME VORNAMEN RUFNAME VOORNAAM "
    "IMIE IMIONA JMENO MENO FORNAVN FORNAMN ETUNIMI FIRST GIVEN VOR"
)
_NAME = _words("NAME NAMES NOM NOMS NOMBRE NOMBRES NOME")
_HALVES = _words("LAST FAMILY")  # of a surname, with NAME
_PEOPLE = _words(
    "PUPIL PUPILS STUDENT STUDENTS CHILD CHILDREN LEARNER LEARNERS PATIENT CANDIDATE CANDIDATES PARTICIPANT PARTICIPANTS "
    "ELEVE ELEVES ETUDIANT ETUDIANTS ETUDIANTE ENFANT ENFANTS CANDIDAT CANDIDATS APPRENANT "
    "SCHULER SCHULERS SCHULERIN SCHULERINNEN KIND KINDER TEILNEHMER TEILNEHMERIN STUDIERENDE "
    "ALUMNO ALUMNOS ALUMNA ALUMNAS ALUMNADO ESTUDIANTE ESTUDIANTES ALUNO ALUNOS ALLIEVO STUDENTE LEERLING"
)
_WHOLE = _words("IDENTITY IDENTITE TEXT FULLNAME DISPLAYNAME LASTFIRST")
_WHOLLY = _words("FULL COMPLETE DISPLAY COMPLET COMPLETS COMPLETO COMPLETOS VOLLSTANDIGER")
_INSTEAD = _words("USAGE USUEL PREFERRED KNOWN CALLED CHOSEN USED")
_FILLERS = _words(
    "DE LA LE L D DU DES THE OF S AND ET Y E UND UN U DER DIE DAS OU OR A AS IN I ES "
    "FAMILLE FAMILIA LEGAL OFFICIAL OFFICIEL PRIMER PREMIER PREMIERE NAISSANCE REQUIRED"
)
_ID = _words(
    "ID N IDENTIFIANT IDENTIFIER INE UPN NUMBER NUMERO NUMMER NO NR MATRICULE MATRIKELNUMMER CODE KEY NIE DNI NIP EXPEDIENTE "
    "SISID SID SCHULERID STUDENTID USERID ADMISSION NATIONAL INTERNE UNIQUE EXTERNAL SCHULERNUMMER UID INTERN"
)


_LISTS = _words(
    "LIST LISTE LISTA CLASS CLASSE KLASSE CLASE CURSO GROUP GROUPE GRUPPE GRUPO SCHOOL ECOLE COLLEGE LYCEE SCHULE "
    "COLEGIO GRADE YEAR COURSE ROSTER REGISTER"
)


class Heading(NamedTuple):
    """What a heading says.

    names: whether any of its words is that of a name.
    lists: whether any says that it is of people or of a list of them, as titles do.
    """

    role: Role
    names: bool
    lists: bool


def words_of(heading: str) -> list[str]:
    """The words of a heading, folded: those of Student_Number, studentNumber and STUDENT NUMBER are the same."""
    parted = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])", " ", heading)
    whole = re.sub(r"\b(LONG|FORE) (?=NAME\b)", r"\1", fold(parted))  # as WebUntis has them
    return re.findall("[A-Z]+|[0-9]+", whole)


def heading_of(cell: str) -> Heading:
    """What a heading says."""
    words = words_of(cell)
    number = [word for word in words if word.isdigit()]
    kept = {word for word in words if not word.isdigit()}
    names = kept & (_SURNAME | _GIVEN | _NAME)
    told = bool(names), bool(kept & (_PEOPLE | _LISTS))
    if kept & {"APELLIDO", "APELLIDOS"} and (number == ["2"] or "SEGUNDO" in kept):
        return Heading(Role.SECOND_SURNAME, *told)
    if not kept or (number and number != ["1"]):
        return Heading(Role.OTHER, *told)
    if kept <= _ID | _PEOPLE | _FILLERS and kept & _ID:
        return Heading(Role.ID, *told)
    if (
        not kept
        <= _SURNAME | _GIVEN | _NAME | _HALVES | _PEOPLE | _WHOLE | _WHOLLY | _INSTEAD | _FILLERS
    ):
        return Heading(Role.OTHER, *told)
    return Heading(_role(kept), *told)


def _role(words: set[str]) -> Role:
    """The role of a heading whose words are all known."""
    given = bool(words & _GIVEN)
    surname = bool(words & _SURNAME) or bool(words & _HALVES)
    if words & (_WHOLE | _WHOLLY) or (given and (surname or _beside(words))):
        return Role.WHOLE
    if surname and words & _NAME - {"NAME"}:  # apellidos y nombre
        return Role.WHOLE
    if words & _INSTEAD:
        if surname or "NOM" in words:
            return Role.OTHER_SURNAME
        return Role.OTHER_GIVEN if given or words & (_NAME | {"KNOWN", "CALLED"}) else Role.OTHER
    if given or surname:
        return Role.GIVEN if given else Role.SURNAME
    if words & {"FAMILLE", "NAISSANCE"}:
        return Role.SURNAME if words & _NAME else Role.OTHER
    if words & _NAME:
        return Role.NAME
    return Role.WHOLE if words & _PEOPLE else Role.OTHER


def _beside(words: set[str]) -> bool:
    """Whether a word for a name stands beside that for the first one: NOM, PRENOM; but FIRST NAME is one."""
    return bool(words & _NAME - {"NAME", "NAMES"}) or (
        bool(words & {"NAME", "NAMES"}) and not words & {"FIRST", "GIVEN", "VOR"}
    )


def roles(headings: Sequence[str]) -> list[Heading]:
    """What each heading says; a word for either name is told by what stands beside it.

    NAME beside VORNAME is the surname, beside SURNAME the first name; alone it is the whole.
    """
    found = [heading_of(cell) for cell in headings]
    kinds = {one.role for one in found}
    if Role.GIVEN in kinds and Role.SURNAME not in kinds:
        other = Role.SURNAME
    elif Role.SURNAME in kinds and Role.GIVEN not in kinds:
        other = Role.GIVEN
    else:
        return found
    return [one._replace(role=other) if one.role is Role.NAME else one for one in found]
