"""Enclosures that are never wrong: of a formula on a box, and of a formula near a point or towards infinity."""
