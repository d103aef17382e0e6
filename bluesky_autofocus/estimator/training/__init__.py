"""How the estimator's weights are made: simulated scenes, their features, and the fit."""
