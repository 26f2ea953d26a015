"""Readings in, rows of text, JSON or CSV out; and people's lists of names in.

In: a `Reading` and where it comes from; a roster's file. Out: rows, in a file that grows and can be resumed; names.
Public: `rows.Row`, `formats.LAYOUTS`, `growing.open_growing`, `resume.read_before`, `reviewed.replacing`,
`roster_file.read_roster`, `matched.Matches`.
"""
