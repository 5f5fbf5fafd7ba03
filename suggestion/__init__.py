"""Which kind of report a text speaks of: a model a town learns from its own closed cases.

Values in, values out; knows nothing of reports. `suggest.py` is its door for the others,
`learning.py` (needs scikit-learn) the only part that learns.
"""
