from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from prometheus_client import CollectorRegistry, Histogram, generate_latest

from services.config_api.http.request_figures import RequestFigures

ROUTE = {"route": "/v1/things/{id}", "method": "GET"}


def test_requests_of_many_threads_are_all_counted() -> None:
    figures, registry = RequestFigures(), CollectorRegistry()
    registry.register(figures)
    with ThreadPoolExecutor(8) as threads:
        for number in range(800):
            status = "304" if number % 4 == 0 else "200"
            threads.submit(figures.of(*ROUTE.values()).take, status, 0.003, number % 2)
    value = registry.get_sample_value
    assert value("relaybook_http_requests_total", {**ROUTE, "status": "200"}) == 600
    assert value("relaybook_http_requests_total", {**ROUTE, "status": "304"}) == 200
    assert value("relaybook_reads_kept_total") == 400


def test_durations_are_told_as_the_librarys_histogram_tells_them() -> None:
    figures, own, librarys = RequestFigures(), CollectorRegistry(), CollectorRegistry()
    own.register(figures)
    bounds = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
    histogram = Histogram(
        "relaybook_http_request_seconds", "Time until the answer began.", ("route", "method"),
        buckets=bounds, registry=librarys,
    )  # fmt: skip
    for seconds in (0.0, 0.0009, 0.001, 0.0011, 0.3, 10.0, 11.0):
        figures.of(*ROUTE.values()).take("200", seconds)
        histogram.labels(**ROUTE).observe(seconds)
    assert _durations(own) == _durations(librarys)


def _durations(registry: CollectorRegistry) -> list[str]:
    lines = generate_latest(registry).decode().splitlines()
    return [line for line in lines if "request_seconds" in line and "_created" not in line]
