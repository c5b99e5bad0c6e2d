"""Ground floor: errors, progress, files, settings. Knows nothing of articles or models."""
