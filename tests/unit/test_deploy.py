"""The files of deploy/ and the Dockerfile: they name what there is, and fit each other."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.environment import names_of_settings
from tests.support.paths import ROOT
from vision_chat import conf
from vision_chat.management.commands.serve import PATIENCE_SECONDS, patience_of
from vision_chat.server.serving import REQUEST_SECONDS

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if service.get("image") == "vision-chat")
OF_COMPOSE = {"CHAT_HOST", "POSTGRES_PASSWORD", "MINIO_ROOT_PASSWORD", "WORKERS"}
"""Variables of `.env` that are no settings of the server."""
OF_PYTHON = {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
MOST_EXPOSED = 20
"""Of 100, as systemd rates a service: below 2.0 it says "OK"."""


def variables(text: str) -> set[str]:
    """Return the names that Compose fills in."""
    return set(re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", text))


def assigned(text: str) -> dict[str, str]:
    """Return what lines such as NAME=value say."""
    return dict(re.findall(r"^([A-Z0-9_]+)=(.*)$", text, re.MULTILINE))


def test_every_setting_of_the_compose_file_is_one_of_the_server() -> None:
    assert SERVICES["server"]["environment"].keys() <= names_of_settings()
    assert SERVICES["backup"]["environment"] == SERVICES["server"]["environment"]


def test_every_setting_of_the_image_is_one_of_the_server() -> None:
    named = re.findall(r"\b([A-Z_]+)=", DOCKERFILE.rpartition("FROM ")[2].partition("USER")[0])
    assert set(named) - OF_PYTHON - {"FONTS"} <= names_of_settings()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_setting_of_a_unit_is_one_of_the_server(unit: Path) -> None:
    assert set(re.findall(r"^Environment=(\w+)=", unit.read_text(), re.MULTILINE)) <= names_of_settings()


def test_the_example_has_exactly_what_the_compose_file_asks_for() -> None:
    example = assigned((DEPLOY / "env.example").read_text())
    assert example.keys() == variables((DEPLOY / "compose.yaml").read_text())
    assert example.keys() - OF_COMPOSE <= names_of_settings()
    secrets = {name for name in example if name.endswith(("_KEY", "_PASSWORD", "_PASSPHRASE"))}
    assert {example[name] for name in secrets} == {""}, "nobody serves with a password that everybody knows"


def test_the_settings_of_the_compose_file_are_accepted(tmp_path: Path) -> None:
    filled = {name: str(value) for name, value in SERVICES["server"]["environment"].items()}
    example = assigned((DEPLOY / "env.example").read_text())
    values = {
        name: re.sub(r"\$\{(\w+)[^}]*\}", lambda found: example.get(found[1]) or "secret", value)
        for name, value in filled.items()
    }
    config = conf.load(values | {"DATA_DIR": str(tmp_path)}, tmp_path)

    assert config.public_url == "https://chat.example.org"
    assert config.has_many_processes


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["caddy"]
    assert COMPOSE["networks"]["back"] == {"internal": True}
    assert {name for name, service in SERVICES.items() if "front" in service["networks"]} == {
        "caddy",
        "server",
    }
    proxy = SERVICES["caddy"]["networks"]["front"]["ipv4_address"]
    assert SERVICES["server"]["environment"]["TRUSTED_PROXIES"] == proxy


@pytest.mark.parametrize("name", OURS)
def test_what_is_not_a_volume_is_read_only_for_the_server(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)


@pytest.mark.parametrize("name", OURS)
def test_all_that_is_written_goes_to_disks(name: str) -> None:
    written = {"data:/data", "uploads:/tmp"} | ({"backups:/backups"} if name == "backup" else set())
    assert set(SERVICES[name]["volumes"]) == written
    assert "tmpfs" not in SERVICES[name], "memory would be full of pictures"


def test_whatever_serves_says_that_it_is_well() -> None:
    assert "HEALTHCHECK" in DOCKERFILE
    running = {name for name in SERVICES if name not in {"server", "backup", "bucket"}}
    assert {name for name in running if "healthcheck" in SERVICES[name]} == running


def test_every_volume_and_file_is_there() -> None:
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", ())]
    sources = {mount.partition(":")[0] for mount in mounts}
    files = {source for source in sources if source.startswith(".")}

    assert sources - files == COMPOSE["volumes"].keys()
    assert all((DEPLOY / file).is_file() for file in files)


def test_the_image_has_every_part_of_the_server_and_nothing_else() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    named = {name for line in copied for name in line.split()}
    ignored = (ROOT / ".dockerignore").read_text().splitlines()

    assert all((ROOT / name).exists() for name in named)
    assert {line[1:] for line in ignored if line.startswith("!")} == named
    assert "*" in ignored
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages <= named


def test_the_client_of_the_image_is_as_new_as_the_database() -> None:
    client = re.search(r"postgresql-client-(\d+)", DOCKERFILE)
    server = re.fullmatch(r"postgres:(\d+)", SERVICES["postgres"]["image"])
    assert client is not None
    assert server is not None
    assert int(server[1]) <= int(client[1])


def test_the_proxy_takes_every_picture_that_the_server_takes(tmp_path: Path) -> None:
    caddyfile = (DEPLOY / "Caddyfile").read_text()
    (largest,) = re.findall(r"max_size (\d+)MB", caddyfile)
    assert int(largest) * conf.MEGABYTE > conf.load({}, tmp_path).max_image_bytes
    assert variables(caddyfile.replace("{$", "${")) <= set(SERVICES["caddy"]["environment"])


@pytest.mark.parametrize(
    "path", [DEPLOY / "Caddyfile", ROOT / "docs/deployment.md"], ids=lambda path: path.name
)
def test_the_proxy_chooses_the_ids_of_requests(path: Path) -> None:
    text = path.read_text()
    proxies = len(re.findall(r"^\s*reverse_proxy ", text, re.MULTILINE))
    assert proxies == 1
    assert text.count("header_up X-Request-ID {http.request.uuid}") == proxies
    assert text.count("proxy_pass ") == text.count("proxy_set_header X-Request-ID $request_id;")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_a_unit(unit: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd here")
    for each in UNITS:
        # the paths of an installation, which this machine has not
        text = each.read_text().replace("/opt/vision-chat/.venv/bin/python", "/usr/bin/env")
        (tmp_path / each.name).write_text(text)
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / unit.name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize(
    "unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name
)
def test_a_service_reaches_little(unit: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd here")
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(unit)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout


def test_systemd_waits_longer_than_the_server_takes_to_end(tmp_path: Path) -> None:
    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", UNITS[-1].read_text(), re.MULTILINE)
    assert int(seconds) > patience_of(conf.load({}, tmp_path))
    assert SERVICES["server"]["stop_grace_period"] == f"{seconds}s"


@pytest.mark.parametrize("file", [UNITS[-1], DEPLOY / "compose.yaml", ROOT / "docs" / "deployment.md"])
def test_everybody_names_the_same_time_to_end(file: Path) -> None:
    grace = f"SHUTDOWN_GRACE ({REQUEST_SECONDS} at least)"
    rule = f"more than SHUTDOWN_DELAY, {grace} and {PATIENCE_SECONDS:g} seconds together"
    assert rule in file.read_text().replace("`", "")
