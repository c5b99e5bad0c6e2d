"""What the cells of a row say: tags, dates, people, text."""
