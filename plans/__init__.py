"""Autofocus plans."""
