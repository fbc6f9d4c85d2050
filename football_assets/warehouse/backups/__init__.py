"""Backups of a world: made, kept, verified, and restored to any instant of the kept days."""
