"""The check of what is deployed finds what it is for."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.services import missing

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("kubernetes_validate", reason="the checks' packages are not installed")

from deploy import check_deployment


def test_a_dockerfile_that_hadolint_dislikes_is_found(tmp_path: Path) -> None:
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("FROM python\nRUN cd /srv && sudo true\n", encoding="utf-8")
    found = "\n".join(check_deployment.image_faults(dockerfile))
    assert "DL3006" in found
    assert "DL3004" in found


def test_a_compose_file_beside_the_specification_is_found(tmp_path: Path) -> None:
    compose = tmp_path / "compose.yaml"
    compose.write_text("services: {api: {image: relaybook, portz: [8587]}}\n", encoding="utf-8")
    assert any("portz" in line for line in check_deployment.compose_faults(compose))


@pytest.mark.parametrize(
    ("spec", "named"),
    [({"maxUnavailable": 1, "selektor": {}}, "selektor"), ({"maxUnavailable": []}, "[]")],
)
def test_a_resource_beside_kubernetes_schema_is_found(spec: dict[str, Any], named: str) -> None:
    budget: dict[str, Any] = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "spec": spec,
    }
    found = list(check_deployment.resource_faults(budget))
    assert len(found) == len(check_deployment.KUBERNETES)
    assert all(named in line for line in found)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("ProtectSystem=strict", "ProtectSistem=strict", "ProtectSistem"),
        ("PrivateUsers=yes\n", "User=root\nPrivateUsers=no\nPrivateDevices=no\n", "exposure"),
        ("Type=exec", "Type=often", "often"),
    ],
)
def test_a_unit_that_systemd_dislikes_is_found(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    if shutil.which("systemd-analyze") is None:
        missing("no systemd-analyze")
    text = (check_deployment.DEPLOY / "units" / "relaybook.service").read_text(encoding="utf-8")
    unit = tmp_path / "relaybook.service"
    unit.write_text(text, encoding="utf-8")
    assert list(check_deployment.unit_faults([unit])) == []
    assert old in text
    unit.write_text(text.replace(old, new).replace("DynamicUser=yes\n", ""), encoding="utf-8")
    assert told in "\n".join(check_deployment.unit_faults([unit]))
