"""Batch audits of the raw entities."""
