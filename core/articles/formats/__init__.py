"""Rows of article files of every format, one at a time."""
