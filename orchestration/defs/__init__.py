"""Dagster around the pipeline: what it shows, starts and watches; the work is done elsewhere."""
