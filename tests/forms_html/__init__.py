"""Believable forms, set by a real typesetter (HTML in headless Chromium), filled in by hand, scanned.

    forms = empty_forms(60, cache=Path("runs/forms-html"))   # Chromium only where the cache lacks one
    filled = fill(forms[0], rng)                             # drawn hands, or fill(..., hand=CropHand(folder))
    shot = capture(filled.page, rng, "fax")                  # one of CAPTURES
    moved(filled.written[0].quad, shot.move)                 # where a name stands in shot.image

A form has the true boxes of its fields, with kind, name and what they hold, and of its print.
`python -m forms_html FOLDER` writes forms as images with their truth as JSON.
Debian: chromium chromium-driver, and some fonts-* packages; the more families, the better.
"""

from forms_html.capture import CAPTURES, COARSE, Shot, capture, upright
from forms_html.empty import EmptyForm, FormField, each_form, empty_forms
from forms_html.fill import FilledForm, Written, fill
from forms_html.hands import CropHand, DrawnHand, Hand

__all__ = [
    "CAPTURES",
    "COARSE",
    "CropHand",
    "DrawnHand",
    "EmptyForm",
    "FilledForm",
    "FormField",
    "Hand",
    "Shot",
    "Written",
    "capture",
    "each_form",
    "empty_forms",
    "fill",
    "upright",
]
