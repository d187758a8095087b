"""A platform's history as files, with faults and an answer key, calibrated on published figures."""
