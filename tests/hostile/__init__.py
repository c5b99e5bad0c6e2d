"""Inputs made to hurt: each ends in an answer or a sentence."""
