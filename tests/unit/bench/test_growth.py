"""How figures grow is told by an exponent and a chart that is well-formed."""

from defusedxml.ElementTree import fromstring

from tests.bench._chart import drawn
from tests.bench._growth import exponent, growth, sizes

SIZES = (1_000, 10_000, 100_000, 1_000_000)


def test_sizes_are_tenfolds_of_a_thousand_and_at_last_the_most() -> None:
    assert sizes(1_000_000) == list(SIZES)
    assert sizes(20_000) == [1_000, 10_000, 20_000]
    assert sizes(1_000) == [1_000]


def test_sizes_that_were_measured_before_are_left_out() -> None:
    assert sizes(1_000_000, beyond=100_000) == [1_000_000]
    assert sizes(100_000, beyond=100_000) == []


def test_what_does_not_grow_has_exponent_zero() -> None:
    assert exponent(dict.fromkeys(SIZES, 1.7)) == 0


def test_the_exponent_is_the_power_of_the_size() -> None:
    assert exponent({n: 3 * n**0.5 for n in SIZES}) == 0.5
    assert exponent({n: 7 / n for n in SIZES}) == -1


def test_a_single_size_has_no_exponent() -> None:
    assert exponent({1_000: 2.0}) is None


def test_points_stand_in_order_of_size() -> None:
    grown = growth("s", {"import": {100: 2.0, 10: 1.0}})

    assert grown["series"][0]["points"] == [{"n": 10, "value": 1.0}, {"n": 100, "value": 2.0}]


def test_a_chart_shows_every_point_within_its_frame() -> None:
    grown = growth(
        "ms", {"<first>": dict.fromkeys(SIZES, 0.2), "last": {1_000: 4e5, 10_000: 0.003}}
    )
    chart = fromstring(drawn("Pages & <lists>", grown))
    _, _, width, height = map(float, chart.attrib["viewBox"].split())
    circles = [element.attrib for element in chart if element.tag.endswith("circle")]

    assert len(circles) == 6
    assert all(0 < float(one["cx"]) < width and 0 < float(one["cy"]) < height for one in circles)
    assert "<first> — n^0.00" in [element.text for element in chart]
