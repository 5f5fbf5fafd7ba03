"""Devices that measure: what they send, and when what they measure calls for somebody.

Takes values and knows nothing of reports; `reports/actions/follow_sensor.py` turns what is decided
here into cases.
"""
