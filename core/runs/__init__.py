"""Experiments: settings, presets, the order of the steps, and where results are kept."""
