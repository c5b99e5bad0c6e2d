"""Data sets kept by name, with their versions."""
