"""A filled form in, the crops of its fields out.

In: uint8 (H, W), and the template of its empty form. Out: a crop for each field, without print.
Public: `template.read_form`, `align.Aligner`, `fields.FieldCutter`; `new.new_form` makes a template,
`propose.propose_fields` finds its places to write in.
"""
