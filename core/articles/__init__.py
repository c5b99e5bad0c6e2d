"""Articles: their schema, reading and checking files, and the sets known by name."""
