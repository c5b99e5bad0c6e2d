"""Colours that no family of models has."""

GREY = "#868b94"  # readable on the light and on the dark background
