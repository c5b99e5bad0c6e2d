"""Methods of tagging: one file or folder each."""
