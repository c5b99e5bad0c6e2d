"""The HTTP API: the suggestions of the command line, for other programs."""
