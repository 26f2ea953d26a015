"""Names in, drawn fields out: strokes, fonts, pieces of real crops, photographs, augmentation.

In: a list of names and a seed. Out: canvases with their text, the same for the same seed.
Public: `fields` (drawn), `cutouts` (from real crops), `augment` (changes to any canvas).
"""
