"""The study: its presets as published, their corrected twins, published figures and the story."""
