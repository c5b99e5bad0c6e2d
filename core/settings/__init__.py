"""Settings of one experiment."""
