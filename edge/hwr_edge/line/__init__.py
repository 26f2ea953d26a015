"""A crop of one written line in, a `Reading` out.

In: uint8 (H, W). Out: text, confidence, alternatives, match.
Public: `recognizer.Recognizer` and `Reading`; `card`, `charset` and `preprocess` for whoever trains a model.
"""
