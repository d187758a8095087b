"""From files in the landing to the raw tables and their manifest."""
