"""Counts, averages and ranking measures; every floor above may use them."""
