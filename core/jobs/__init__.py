"""Background work. Empty for now: an experiment runs in the process that asked for it."""
