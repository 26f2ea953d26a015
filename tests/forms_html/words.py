"""What forms say, in four languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """Of one language.

    titles: of forms, by their subject.
    labels: of fields: what is printed, and what goes in: "name", "text" or "digits".
    """

    titles: dict[str, tuple[str, ...]]
    sections: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]
    questions: tuple[str, ...]
    options: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    office: str
    date: str
    signature: str
    place: str
    page: str
    bodies: tuple[str, ...]


def _labels(names: str, text: str, digits: str) -> tuple[tuple[str, str], ...]:
    kinds = (("name", names), ("text", text), ("digits", digits))
    return tuple((word, kind) for kind, words in kinds for word in words.split("|"))


FRENCH = Words(
    {
        "registration": ("Fiche d'inscription", "Dossier d'inscription 2026-2027", "Bulletin d'inscription", "FICHE DE RENSEIGNEMENTS"),
        "medical": ("Questionnaire de santé", "Fiche sanitaire de liaison", "DOSSIER MÉDICAL", "Autorisation de soins"),
        "membership": ("Demande d'adhésion", "Bulletin d'adhésion", "CARTE DE MEMBRE", "Demande de licence"),
        "exam": ("Évaluation de mathématiques", "EXAMEN BLANC", "Contrôle continu n° 3", "Feuille de réponses"),
    },
    ("Renseignements généraux", "Responsable légal", "L'élève", "Personnes à prévenir", "Coordonnées", "SITUATION FAMILIALE", "Autorisations", "Pièces à fournir", "Mode de paiement", "État civil"),
    _labels(
        "Nom|Prénom|Nom de naissance|Nom d'usage|Prénoms|Nom du responsable|Nom et prénom de l'élève|Médecin traitant|Lieu de naissance|Commune|Ville|Nationalité|Pays|Nom du père|Nom de la mère|Personne à contacter|Professeur principal|NOM|PRÉNOM(S)",
        "Adresse|Rue|Courriel|Profession|Allergies|Traitement en cours|Établissement|Classe demandée|Observations|Employeur|Mutuelle",
        "Date de naissance|Téléphone|Portable|Code postal|N° de sécurité sociale|Numéro d'élève|Année|N° d'allocataire|Montant",
    ),
    (
        "Merci de remplir cette fiche en lettres capitales et de la retourner au secrétariat.",
        "Je soussigné certifie l'exactitude des renseignements portés ci-dessus.",
        "Tout dossier incomplet sera retourné à la famille.",
        "Les informations recueillies font l'objet d'un traitement informatique.",
        "J'autorise le responsable à prendre toutes mesures rendues nécessaires par l'état de l'enfant.",
        "Joindre une photocopie du livret de famille et un justificatif de domicile de moins de trois mois.",
        "La cotisation annuelle est fixée à 45,00 €, payable par chèque à l'ordre de l'association.",
        "Conformément à la loi du 6 janvier 1978, vous disposez d'un droit d'accès et de rectification.",
    ),
    ("Avez-vous déjà été opéré ?", "Régime alimentaire", "Situation", "Sexe", "Votre enfant sait-il nager ?", "Droit à l'image", "Régime"),
    (("oui", "non"), ("M.", "Mme"), ("célibataire", "marié(e)", "pacsé(e)", "veuf(ve)"), ("externe", "demi-pensionnaire", "interne"), ("F", "M"), ("espèces", "chèque", "virement")),
    ("N°", "Nom", "Prénom", "Date de naissance", "Classe", "Signature", "Lien de parenté", "Téléphone", "Note", "Observations"),
    "Réservé à l'administration", "Fait le", "Signature", "À", "Page 1 sur 2",
    ("Lycée Jean Moulin", "Mairie de Saint-Aubin", "Association sportive du Val", "Centre hospitalier régional", "École élémentaire Les Tilleuls"),
)  # fmt: skip
ENGLISH = Words(
    {
        "registration": ("Registration form", "APPLICATION FOR ADMISSION", "Enrolment form 2026/27", "Student Information Sheet"),
        "medical": ("Patient history", "MEDICAL CONSENT FORM", "New patient questionnaire", "Health declaration"),
        "membership": ("Membership application", "CLUB MEMBERSHIP", "Library card request", "Volunteer sign-up"),
        "exam": ("Mid-term examination", "ANSWER SHEET", "Mathematics paper 2", "Class test"),
    },
    ("Personal details", "Parent or guardian", "Emergency contact", "Part B: Education", "DECLARATION", "Payment", "Section 1", "Your address", "Medical history", "For all applicants"),
    _labels(
        "Name|Surname|First name|Last name|Full name|Middle name|Father's name|Mother's maiden name|Family doctor|Town|City|Country|Place of birth|Nationality|Name of the student|Guardian|Contact person|SURNAME|GIVEN NAMES",
        "Address|Street|Email|Occupation|Allergies|Medication|School attended|Course / Subject|Remarks|Employer|Reason for visit",
        "Date of birth|Phone|Mobile|Postcode|Candidate number|Membership no.|Year|ID number|Amount|Total",
    ),
    (
        "Please complete this form in BLOCK CAPITALS using black ink.",
        "I declare that the information given above is true and complete.",
        "Applications received after the closing date will not be considered.",
        "Return the completed form to the school office before the end of term.",
        "We will use your data only to manage your membership and will not share it with third parties.",
        "Do not write below this line or in the margins of this page.",
        "Attach one recent photograph and a copy of your passport or birth certificate.",
        "Answer all questions. The marks for each question are shown in brackets.",
    ),
    ("Do you smoke?", "Marital status", "Gender", "How did you hear about us?", "Preferred contact", "Are you taking any medication?", "Type of membership"),
    (("yes", "no"), ("Mr", "Mrs", "Ms", "Dr"), ("single", "married", "widowed", "divorced"), ("adult", "junior", "family", "senior"), ("male", "female"), ("cash", "cheque", "card")),
    ("No.", "Name", "First name", "Date of birth", "Relationship", "Signature", "Grade", "Phone", "Marks", "Remarks"),
    "For office use only", "Date", "Signature", "Place", "Page 1 of 2",
    ("Greenfield Primary School", "St Mary's Hospital", "Riverside Tennis Club", "County Library Service", "Department of Education"),
)  # fmt: skip
GERMAN = Words(
    {
        "registration": ("Anmeldung", "ANMELDEFORMULAR", "Schüleranmeldung 2026/2027", "Aufnahmeantrag"),
        "medical": ("Anamnesebogen", "PATIENTENFRAGEBOGEN", "Einwilligungserklärung", "Gesundheitsfragebogen"),
        "membership": ("Beitrittserklärung", "MITGLIEDSANTRAG", "Vereinsbeitritt", "Antrag auf einen Leseausweis"),
        "exam": ("Klassenarbeit Nr. 2", "ANTWORTBOGEN", "Abschlussprüfung", "Klausur im Fach Deutsch"),
    },
    ("Angaben zur Person", "Erziehungsberechtigte", "Anschrift", "Bankverbindung", "NOTFALLKONTAKT", "Vorerkrankungen", "Erklärung", "Schullaufbahn", "Zahlungsweise"),
    _labels(
        "Name|Vorname|Nachname|Familienname|Geburtsname|Name der Mutter|Name des Vaters|Hausarzt|Ort|Wohnort|Geburtsort|Staatsangehörigkeit|Land|Ansprechpartner|Name, Vorname|NAME|VORNAME",
        "Straße|Straße, Hausnummer|E-Mail|Beruf|Allergien|Medikamente|Bisherige Schule|Klasse|Bemerkungen|Kreditinstitut|Krankenkasse",
        "Geburtsdatum|Telefon|Handy|PLZ|Mitgliedsnummer|Matrikelnummer|IBAN|Jahr|Betrag|Punkte",
    ),
    (
        "Bitte füllen Sie dieses Formular in Druckbuchstaben aus.",
        "Hiermit erkläre ich meinen Beitritt und erkenne die Satzung des Vereins an.",
        "Die Kündigung ist nur zum Jahresende mit einer Frist von drei Monaten möglich.",
        "Ich bestätige die Richtigkeit und Vollständigkeit meiner Angaben.",
        "Ihre Daten werden nach den Vorschriften der Datenschutz-Grundverordnung verarbeitet.",
        "Unvollständig ausgefüllte Anträge können leider nicht bearbeitet werden.",
        "Bitte bringen Sie die Geburtsurkunde und das letzte Zeugnis zur Anmeldung mit.",
    ),
    ("Geschlecht", "Familienstand", "Nehmen Sie Medikamente?", "Art der Mitgliedschaft", "Zahlung", "Rauchen Sie?"),
    (("ja", "nein"), ("Herr", "Frau"), ("ledig", "verheiratet", "geschieden"), ("aktiv", "passiv", "Jugend"), ("männlich", "weiblich", "divers")),
    ("Nr.", "Name", "Vorname", "Geburtsdatum", "Klasse", "Unterschrift", "Telefon", "Punkte", "Note", "Bemerkung"),
    "Wird vom Amt ausgefüllt", "Datum", "Unterschrift", "Ort", "Seite 1 von 2",
    ("Gymnasium am Stadtpark", "Turnverein 1896 e. V.", "Klinikum Nord", "Stadtverwaltung Neustadt", "Gemeinschaftspraxis Dr. Vogel"),
)  # fmt: skip
SPANISH = Words(
    {
        "registration": ("Ficha de inscripción", "SOLICITUD DE ADMISIÓN", "Hoja de matrícula 2026-2027", "Impreso de solicitud"),
        "medical": ("Historia clínica", "CONSENTIMIENTO INFORMADO", "Cuestionario médico", "Ficha del paciente"),
        "membership": ("Solicitud de socio", "ALTA DE SOCIO", "Carné de biblioteca", "Hoja de afiliación"),
        "exam": ("Examen final", "HOJA DE RESPUESTAS", "Prueba de evaluación", "Examen de lengua"),
    },
    ("Datos personales", "Datos del alumno", "Padre, madre o tutor", "DOMICILIO", "Contacto de emergencia", "Antecedentes", "Declaración", "Forma de pago"),
    _labels(
        "Nombre|Apellidos|Primer apellido|Segundo apellido|Nombre y apellidos|Nombre del padre|Nombre de la madre|Médico|Localidad|Municipio|Provincia|País|Lugar de nacimiento|Nacionalidad|Tutor|NOMBRE|APELLIDOS",
        "Dirección|Calle|Correo electrónico|Profesión|Alergias|Medicación|Centro de estudios|Curso|Observaciones|Empresa",
        "Fecha de nacimiento|Teléfono|Móvil|Código postal|DNI|Número de socio|Año|Importe|Calificación",
    ),
    (
        "Rellene este impreso con letras mayúsculas y bolígrafo negro.",
        "Declaro que son ciertos los datos que figuran en la presente solicitud.",
        "La solicitud deberá entregarse en la secretaría del centro antes del 30 de junio.",
        "Sus datos serán tratados conforme a la normativa vigente en materia de protección de datos.",
        "No escriba en los espacios sombreados.",
        "Adjunte una fotografía reciente y una fotocopia del documento de identidad.",
    ),
    ("Sexo", "Estado civil", "¿Padece alguna enfermedad?", "Tipo de socio", "Turno", "¿Fuma?"),
    (("sí", "no"), ("hombre", "mujer"), ("soltero", "casado", "viudo"), ("mañana", "tarde", "noche"), ("efectivo", "tarjeta", "transferencia")),
    ("Nº", "Apellidos", "Nombre", "Fecha de nacimiento", "Curso", "Firma", "Teléfono", "Nota", "Parentesco", "Observaciones"),
    "Espacio reservado para la administración", "Fecha", "Firma", "En", "Página 1 de 2",
    ("Colegio San Isidro", "Ayuntamiento de Villanueva", "Club de natación Levante", "Hospital Universitario", "Consejería de Educación"),
)  # fmt: skip
LANGUAGES = {"fr": FRENCH, "en": ENGLISH, "de": GERMAN, "es": SPANISH}
