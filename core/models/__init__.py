"""Classifiers, their thresholds, and safe model files."""
