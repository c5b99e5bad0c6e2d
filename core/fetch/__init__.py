"""Pages fetched from addresses, behind a guard."""
