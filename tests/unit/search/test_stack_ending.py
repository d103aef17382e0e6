"""What is said of a stack whose planes have all been taken, by how much of the field is known."""

import numpy as np
import pytest

from bluesky_autofocus.belief import Posterior
from bluesky_autofocus.regions import Relief
from bluesky_autofocus.search import Window
from bluesky_autofocus.search.stack_ending import stack_outcome
from bluesky_autofocus.verdict import Verdict

PLACES_DOF = np.arange(-5.0, 6.0)


@pytest.mark.parametrize(
    ("known", "blank", "verdict", "detail"),
    [
        (60, 40, Verdict.IN_FOCUS, "40% of the field does not tell"),
        (60, 20, Verdict.NOT_CONVERGED, "something is seen that changes with focus"),
        # What moves while planes are taken may leave almost nothing, all else seeming blank.
        (3, 97, Verdict.NOT_CONVERGED, "too little to call it a stack"),
    ],
)
def test_a_stack_is_complete_if_enough_is_known(known, blank, verdict, detail):
    number = np.arange(100).reshape(10, 10)
    mass = np.where(PLACES_DOF == 0, 1.0, 0.0)
    relief = Relief(
        PLACES_DOF,
        np.broadcast_to(mass, (10, 10, mass.size)),
        np.zeros((10, 10)),
        number < known,
        number >= 100 - blank,
    )
    main = Posterior(PLACES_DOF, mass, np.ones(mass.size))
    outcome = stack_outcome(relief, main, Window(-5.0, 5.0), (-3.0, 3.0, 6))
    assert outcome.verdict is verdict
    assert detail in outcome.detail
