"""Names in, synthetic fields out: strokes, fonts, pieces of real crops, photographs, augmentation.

In: a list of names and a seed. Out: canvases or fields with their text, the same for the same seed.
Public: `name_list.NameList`, `fields.FieldGenerator` (drawn), `cutouts.CutoutNames` (from real crops),
`photo.photograph`, `augment.bend`, `augment.degrade`, `augment.hide` (changes to any canvas).
"""
