"""A form's template, changed in the browser: fields drawn over the empty form, and tried on a filled one.

`source` changes the TOML and keeps all else of it, `draft` has what the page draws, `editor` the two with
the files, `trial` reads a filled form, `server` answers the page.
"""
