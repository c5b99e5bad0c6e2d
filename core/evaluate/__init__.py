"""What a result means: comparisons and evidence."""
