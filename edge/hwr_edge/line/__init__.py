"""A crop of one written line in, a `Reading` out.

In: uint8 (H, W). Out: text, confidence, letters, alternatives, match.
Public: `recognizer.Recognizer`, `reading.Reading`; for whoever trains and converts models: `card.ModelCard`,
`charset.Charset`, `preprocess.preprocess`, `ctc.log_softmax`, `greedy.decode_text`, `beam.beam_search`,
`roster.Roster`, `name_model.NameModel`, `metrics.score`.
"""
