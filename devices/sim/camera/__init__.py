"""The simulated areaDetector camera and its plugins."""
