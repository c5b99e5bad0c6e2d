"""From articles to texts, tags and a split: what a model learns from and is tested on."""
