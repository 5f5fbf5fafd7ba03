"""Finds personal data in what people write: names, numbers, addresses, plates, dates of birth.

`guard.find` and `spans.mask` are the door. Values only: nothing is stored or logged here.
"""
