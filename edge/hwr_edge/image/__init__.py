"""An image file in, grey pixels out.

In: a path, or bytes. Out: uint8 (H, W), upright, ink dark; or an `ImageError`.
Public: `decode.read_grey`, `document.Document`, `sources.find`, `pixels` (the types of all that follows).
"""
