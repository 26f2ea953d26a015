"""A template in, the changed template out: its fields are drawn in the browser and tried on a filled form.

In: a template's TOML and the images of the empty form. Out: the same TOML with changed fields; all else of it stays.
Public: `server.make_editor`, `server.open_editor`, `server.add_routes` (for the desk); `editor.Editor`.
"""
