"""Kills, full disks, damage: what a home looks like afterwards."""
