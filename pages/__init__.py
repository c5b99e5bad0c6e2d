"""The pages: read inputs, one call into core, draw."""
