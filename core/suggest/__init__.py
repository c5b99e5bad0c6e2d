"""Tags for one article from a finished run."""
