"""Measures, side by side in one run (docs/performance.md)."""
