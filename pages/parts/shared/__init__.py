"""What several pages share: the frame, caches, charts, tables and words."""
