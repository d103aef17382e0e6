import pytest

from bluesky_autofocus.errors import StationError
from bluesky_autofocus.scale import Scale


def test_a_depth_of_field_in_um_on_a_stage_in_mm():
    scale = Scale.from_um(7.0, "mm")
    assert scale.depth_of_field == pytest.approx(0.007)
    assert scale.to_dof(0.07) == pytest.approx(10.0)
    assert scale.to_stage(10.0) == pytest.approx(0.07)


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_a_depth_of_field_that_is_not_positive_is_refused(value):
    with pytest.raises(StationError, match="depth of field"):
        Scale(value, "um")


def test_a_unit_that_is_no_length_is_refused_with_the_known_ones():
    with pytest.raises(StationError, match=r"'deg'.*um.*mm"):
        Scale.from_um(7.0, "deg")
