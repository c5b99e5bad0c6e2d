"""What an experiment will cost on this machine, before it is run."""
