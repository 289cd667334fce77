"""What is deployed agrees with the program: variables, commands, ports, paths, limits."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from services.config_api.cli.main import COMMANDS
from services.config_api.http.bodies import FILE_LIMIT, USUAL_LIMIT
from services.config_api.settings import read_settings
from tests.architecture.tree import ROOT
from tests.support.units import units

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("helm_python", reason="Helm's library has no wheel for this machine")

from deploy.charts import everything, rendered

COMPOSE: Final = yaml.safe_load((ROOT / "deploy/compose/compose.yaml").read_text())
NGINX: Final = (ROOT / "deploy/proxy/nginx.conf").read_text()
DOCKERFILE: Final = (ROOT / "deploy/image/Dockerfile").read_text()
WRITTEN: Final = re.compile(r"\bRELAYBOOK_[A-Z0-9_]+\b")
#: What only the compose file itself reads: the image's tag.
COMPOSE_OWN: Final = frozenset({"RELAYBOOK_VERSION"})
SECRET: Final = frozenset(
    {"RELAYBOOK_DATABASE_URL", "RELAYBOOK_MIGRATION_DATABASE_URL", "RELAYBOOK_BROKER_URL",
     "RELAYBOOK_MASTER_KEY", "RELAYBOOK_TOKEN", "RELAYBOOK_OIDC_CLIENT_SECRET"}
)  # fmt: skip
#: What the tester must never be given.
NOT_FOR_TESTER: Final = ("DATABASE_URL", "MASTER_KEY")
PROGRAMS: Final = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]


def known_variables() -> frozenset[str]:
    plain = {one.name for one in read_settings({}).origins}
    return frozenset(plain | {f"{name}_FILE" for name in SECRET})


def resources(kind: str) -> list[dict[str, Any]]:
    """Return the chart's resources of a kind, with everything switched on."""
    return [one for one in rendered(everything()) if one["kind"] == kind]


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each pod of the chart with its name."""
    for resource in resources("Deployment") + resources("Job"):
        spec = resource["spec"]["template"]["spec"]
        yield spec["containers"][0]["name"], spec


def commands() -> Iterator[list[str]]:
    """Yield every command line of chart, compose file and units."""
    for _, spec in pods():
        yield spec["containers"][0]["command"]
    for service in COMPOSE["services"].values():
        if "build" in service:
            yield service.get("entrypoint", ["relaybook"]) + service.get("command", [])
    for unit in units().values():
        yield [unit.command[0].removeprefix("/opt/relaybook/bin/"), *unit.command[1:]]


def test_every_variable_that_is_set_somewhere_is_one_that_the_program_reads() -> None:
    folders = ("chart", "compose", "image", "proxy", "units")
    files = [one for name in folders for one in (ROOT / "deploy" / name).rglob("*")]
    texts = {path: path.read_text() for path in files if path.is_file()}
    schema = next(path for path in texts if path.name == "values.schema.json")
    del texts[schema]  # its patterns are looked at by themselves
    for path, text in texts.items():
        unknown = set(WRITTEN.findall(text)) - known_variables() - COMPOSE_OWN
        assert not unknown, path
    for _, spec in pods():
        names = {one["name"] for one in spec["containers"][0]["env"]}
        assert names <= known_variables()


def test_every_command_is_one_of_the_program() -> None:
    found = list(commands())
    assert len(found) == 4 + 4 + 5
    for program, *arguments in found:
        assert program in PROGRAMS
        if program == "relaybook":
            assert arguments[0] in COMMANDS
        else:
            assert arguments == []


def test_ports_and_paths_are_those_of_the_service() -> None:
    port = read_settings({}).bind.port
    assert f"EXPOSE {port}\n" in DOCKERFILE
    assert f"server 127.0.0.1:{port} " in NGINX
    assert COMPOSE["services"]["api"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f":{port}/readyz" in str(COMPOSE["services"]["api"]["healthcheck"])
    container = dict(pods())["api"]["containers"][0]
    assert container["ports"] == [{"name": "http", "containerPort": port}]
    paths = {container[f"{name}Probe"]["httpGet"]["path"] for name in ("liveness", "readiness")}
    assert paths == {"/livez", "/readyz"}
    (service,) = resources("Service")
    urls = {one["name"]: one.get("value") for one in dict(pods())["tester"]["containers"][0]["env"]}
    own = f"http://{service['metadata']['name']}:{service['spec']['ports'][0]['port']}"
    assert urls["RELAYBOOK_URL"] == own


def test_the_proxy_has_the_limits_of_the_service() -> None:
    limits = re.findall(r"client_max_body_size (\d+)m;", NGINX)
    assert [int(one) * 1024 * 1024 for one in limits] == [USUAL_LIMIT, FILE_LIMIT, FILE_LIMIT]


def test_pods_may_do_nothing_that_they_need_not() -> None:
    for name, spec in pods():
        security = spec["containers"][0]["securityContext"]
        assert security["readOnlyRootFilesystem"], name
        assert not security["allowPrivilegeEscalation"], name
        assert security["capabilities"] == {"drop": ["ALL"]}, name
        assert spec["securityContext"]["runAsNonRoot"], name
        assert f"USER {spec['securityContext']['runAsUser']}:" in DOCKERFILE
        assert not spec["automountServiceAccountToken"], name
        assert "memory" in spec["containers"][0]["resources"]["limits"], name
    for name, service in COMPOSE["services"].items():
        if "build" in service:
            assert service["read_only"], name
            assert service["cap_drop"] == ["ALL"], name


def test_secrets_are_given_by_reference_alone() -> None:
    assert resources("Secret") == []
    for _, spec in pods():
        given = {one["name"]: one["value"] for one in spec["containers"][0]["env"]}
        assert not SECRET & set(given)
        mounted = {
            f"/run/secrets/relaybook/{item['path']}"
            for source in spec["volumes"][0]["projected"]["sources"]
            for item in source["secret"]["items"]
        }
        named = {value for name, value in given.items() if value.startswith("/run/secrets/")}
        assert named == mounted
    for service in COMPOSE["services"].values():
        if "build" in service:
            assert not SECRET & set(service["environment"])
            read = {value for value in service["environment"].values() if "/run/secrets/" in value}
            assert read == {f"/run/secrets/{name}" for name in service["secrets"]}


def test_the_tester_gets_neither_database_nor_master_key() -> None:
    tester = [spec for name, spec in pods() if name == "tester"]
    unit = units()["relaybook-tester"]
    service = COMPOSE["services"]["tester"]
    for given in (str(tester), str(unit), str(service)):
        assert "TOKEN_FILE" in given
        assert not [word for word in NOT_FOR_TESTER if word in given]
    assert not set(service["networks"]) & set(COMPOSE["services"]["postgres"]["networks"])
    assert COMPOSE["networks"]["store"] == {"internal": True}


def policy(component: str) -> dict[str, Any]:
    (found,) = (
        one["spec"]
        for one in resources("NetworkPolicy")
        if one["spec"]["podSelector"]["matchLabels"].get("app.kubernetes.io/component") == component
    )
    return dict(found)


def test_a_fence_is_around_the_tester() -> None:
    fence = policy("tester")
    assert set(fence["policyTypes"]) == {"Ingress", "Egress"}
    (figures,) = fence["ingress"]
    assert figures["ports"] == [{"protocol": "TCP", "port": "metrics"}]
    assert figures["from"] == everything()["monitoring"]["from"]
    ports = [{one["port"] for one in rule["ports"]} for rule in fence["egress"]]
    assert ports == [{"http"}, {53}, {5672}, {25, 465, 587, 2525}, {443}, {1080}]
    for rule in fence["egress"][3:5]:
        excepted = [one for block in rule["to"] for one in block["ipBlock"]["except"]]
        assert {"169.254.0.0/16", "fe80::/10"} <= set(excepted)
    labels = {one["metadata"]["name"]: one for one in resources("Deployment")}
    tester = labels["acme-relaybook-tester"]["spec"]["template"]["metadata"]["labels"]
    assert fence["podSelector"]["matchLabels"].items() <= tester.items()


def test_nobody_reaches_relay_and_tester_where_no_figures_are_wanted() -> None:
    bare = {one["metadata"]["name"]: one for one in rendered({}) if one["kind"] == "NetworkPolicy"}
    for name in ("silent", "tester"):
        spec = bare[f"acme-relaybook-{name}"]["spec"]
        assert "Ingress" in spec["policyTypes"]
        assert "ingress" not in spec


def test_each_process_survives_the_maintenance_of_a_node() -> None:
    budgets = {one["metadata"]["name"]: one["spec"] for one in resources("PodDisruptionBudget")}
    deployments = {one["metadata"]["name"]: one["spec"] for one in resources("Deployment")}
    assert set(budgets) == set(deployments)
    for name, spec in deployments.items():
        assert spec["replicas"] >= 2, name
        assert budgets[name]["selector"] == spec["selector"]
        assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}


def test_the_database_is_migrated_before_the_new_pods_start() -> None:
    (job,) = resources("Job")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    for name in ("api", "relay"):
        depends = COMPOSE["services"][name]["depends_on"]
        assert depends["migrate"] == {"condition": "service_completed_successfully"}
        assert units()[f"relaybook-{name}"].one("Requires") == "relaybook-migrate.service"


@pytest.mark.parametrize(
    "values",
    [
        {"env": {"RELAYBOOK_MASTER_KEY": "c2VjcmV0"}},
        {"api": {"env": {"RELAYBOOK_DATABASE_URL": "postgresql://a:b@c/d"}}},
        {"env": {"PATH": "/bin"}},
        {"api": {"replica": 3}},
        {"secrets": {"masterKey": {"name": "", "key": "key"}}},
    ],
)
def test_the_chart_refuses_secrets_and_misspelt_values(values: dict[str, Any]) -> None:
    from helm_python.errors import HelmError  # noqa: PLC0415 -- it has no wheel for every machine

    with pytest.raises(HelmError):
        rendered(values)


def test_the_chart_without_policies_and_monitors_has_none() -> None:
    kinds = {one["kind"] for one in rendered({"networkPolicies": False})}
    assert kinds == {"Deployment", "PodDisruptionBudget", "Service", "Job"}
