"""The sealed log over HTTP."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

from events.sealing.checkpoint import checkpoint_in
from events.sealing.verify import verify
from services.config_api.read_model.tables import smtp_settings
from tests.integration.http.asking import Asker, Service, problem

if TYPE_CHECKING:
    from pathlib import Path

SETTING = {"host": "smtp.acme.example"}


def seal(service: Service) -> None:
    sealing = service.relaybook.log.sealer.begin()
    while sealing.round():
        pass


def vkey(service: Service) -> str:
    return service.relaybook.log.keys.newest().verifier.text


def test_before_the_first_checkpoint_there_is_none(service: Service, auditor: Asker) -> None:
    for path in ("/v1/log/checkpoint", "/v1/log/proof/1", "/v1/log/bundle"):
        problem(auditor("GET", path), 404, "not-found")
    status = auditor("GET", "/v1/status").get_json()
    assert status["checkpoint"] is None
    assert status["unsealed"] == status["position"]
    seal(service)
    status = auditor("GET", "/v1/status").get_json()
    assert status["unsealed"] == 0
    assert status["checkpoint"] == {
        "size": status["position"],
        "position": status["position"],
        "signed_at": "2026-01-31T12:00:00Z",
    }
    assert status["sealing_refused"] is None


def test_checkpoint_and_proof_are_texts(service: Service, auditor: Asker) -> None:
    seal(service)
    answer = auditor("GET", "/v1/log/checkpoint")
    assert answer.content_type == "text/plain; charset=utf-8"
    note = answer.get_data(as_text=True)
    assert checkpoint_in(note).size == service.relaybook.store.head()
    proof = auditor("GET", "/v1/log/proof/1")
    assert proof.content_type == "text/plain; charset=utf-8"
    assert proof.get_data(as_text=True).startswith("c2sp.org/tlog-proof@v1\n")
    assert proof.get_data(as_text=True).endswith("\n\n" + note)
    problem(auditor("GET", "/v1/log/proof/999"), 404, "not-found")


def test_the_bundle_is_verified_offline(
    service: Service, operator: Asker, auditor: Asker, tmp_path: Path
) -> None:
    for tenant in ("acme", "globex"):
        operator("POST", "/v1/smtp-settings", {"id": tenant, **SETTING})
    seal(service)
    answer = auditor("GET", "/v1/log/bundle")
    assert answer.content_type == "application/x-tar"
    assert "relaybook-log-" in answer.headers["Content-Disposition"]
    report = verify(unpacked(answer.data, tmp_path / "all"), keys=[vkey(service)])
    assert report.size == report.events == service.relaybook.store.head()

    limited = service.asker("auditor", tenants=["acme"])
    seal(service)
    own = unpacked(limited("GET", "/v1/log/bundle").data, tmp_path / "own")
    report = verify(own, keys=[vkey(service)])
    assert (report.tenants, report.events) == (["acme"], 1)
    assert report.size == service.relaybook.store.head()
    problem(limited("GET", "/v1/log/bundle?tenant=globex"), 404, "not-found")
    problem(limited("GET", "/v1/log/proof/1"), 404, "not-found")

    chosen = unpacked(auditor("GET", "/v1/log/bundle?tenant=globex").data, tmp_path / "chosen")
    assert verify(chosen).tenants == ["globex"]


def test_the_figures_tell_of_the_log(service: Service, auditor: Asker) -> None:
    seal(service)
    auditor("GET", "/v1/log/checkpoint")
    figures = auditor("GET", "/metrics").get_data(as_text=True)
    head = service.relaybook.store.head()
    assert f"relaybook_log_size {float(head)}" in figures
    assert "relaybook_log_unsealed 0.0" in figures
    assert "relaybook_log_refused 0.0" in figures


def test_the_figures_tell_of_rows_behind_their_events(
    service: Service, operator: Asker, auditor: Asker
) -> None:
    answer = operator("POST", "/v1/smtp-settings", {"id": "acme", **SETTING})
    assert answer.status_code == 201
    named = 'relaybook_projection_lag_events{projection="smtp_settings"}'
    assert f"{named} 0.0" in auditor("GET", "/metrics").get_data(as_text=True)
    with service.relaybook.engine.begin() as connection:
        connection.execute(smtp_settings.update().values(version=0))
    assert f"{named} 0.0" in auditor("GET", "/metrics").get_data(as_text=True)
    service.watch.forward(seconds=31)  # everybody may ask: the rows are not counted each time
    assert f"{named} 1.0" in auditor("GET", "/metrics").get_data(as_text=True)
    told = auditor("GET", "/v1/status").get_json()["projections"]
    behind = {one["name"]: one["lag"] for one in told}
    assert behind.pop("smtp_settings") == 1
    assert set(behind.values()) == {0}


def unpacked(data: bytes, folder: Path) -> Path:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "relaybook-log"
