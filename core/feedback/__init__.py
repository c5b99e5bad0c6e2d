"""What editors made of the suggestions, in a database."""
