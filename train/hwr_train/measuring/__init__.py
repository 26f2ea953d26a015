"""A model and a split in, figures out.

In: a .tflite or .keras file, and rows. Out: CER, exact-name rate, calibration; a report.
Public: `evaluate.evaluate`, `report.write_report`, `readings.predict`.
"""
