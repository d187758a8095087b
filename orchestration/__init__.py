"""The Anxin warehouse: ingestion, transformation, quality and publishing."""
