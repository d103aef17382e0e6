"""Drop-in autofocus for Bluesky beamlines and microscopes."""
