"""How fast the warehouse is, as ratios; see README.md."""
