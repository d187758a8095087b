"""How the demo's delivered files are made; `demo/make_fixtures.py` is the command."""
