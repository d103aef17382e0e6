"""Simulated IOCs of an autofocus station."""
