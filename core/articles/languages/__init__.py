"""Language codes, and the language of a text."""
