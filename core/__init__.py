"""Tagsmith: topic tags for technical articles, and which way of suggesting them is better."""
