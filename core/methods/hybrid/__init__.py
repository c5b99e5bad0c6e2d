"""Words and vectors side by side in one classifier."""
