"""Ophyd devices of an autofocus station."""
