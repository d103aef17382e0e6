"""Focus searches, one Protocol."""
