"""Keeps the zoo: reads its files, builds what they say, asks every method, and judges."""
