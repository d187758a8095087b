"""Audits of the published tables."""
