"""Measurements: `python -m tests.bench`. They print figures and assert no times."""
