"""Every setting: read in one place, refused by name, explained on one page."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.environment import names_of_settings
from tests.support.paths import ROOT
from vision_chat import conf
from vision_chat.conf import Config
from vision_chat.errors.base import ConfigurationError

PAGE = (ROOT / "docs" / "configuration.md").read_text()
ROW = re.compile(r"^\| `(?P<name>[A-Z0-9_]+)` \| (?P<default>\S+) \|", re.MULTILINE)
DOCUMENTED = {row["name"]: row["default"].strip("`") for row in ROW.finditer(PAGE)}


def load(folder: Path, **values: str) -> Config:
    return conf.load(values, folder)


def test_the_page_explains_exactly_the_settings_that_are_read() -> None:
    assert DOCUMENTED.keys() == names_of_settings()


@pytest.mark.parametrize("name", [name for name, default in DOCUMENTED.items() if default != "–"])
def test_the_default_on_the_page_is_the_default(tmp_path: Path, name: str) -> None:
    if name == "ENV_FILE":
        assert DOCUMENTED[name] == ".env"
        return
    plain, given = load(tmp_path), load(tmp_path, **{name: DOCUMENTED[name]})
    different = {name for name, value in vars(plain).items() if value != getattr(given, name)}
    # to name the endpoint is to want it
    assert different == ({"demo"} if name == "CHAT_API_BASE_URL" else set())


@pytest.mark.parametrize("name", [name for name, default in DOCUMENTED.items() if default == "–"])
def test_what_has_no_default_may_be_empty(tmp_path: Path, name: str) -> None:
    assert load(tmp_path, **{name: " "}) == load(tmp_path)


def test_commands_and_targets_are_on_the_page() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = {path.stem for path in (ROOT / "vision_chat/management/commands").glob("[a-z]*.py")}

    assert set(re.findall(r"`make ([a-z-]+)`", PAGE)) == targets
    assert set(re.findall(r"`manage\.py ([a-z_]+)`", PAGE)) == commands
    assert "make run" in (ROOT / "README.md").read_text()
    assert "make test" in (ROOT / "README.md").read_text()


VALUES: list[tuple[str, str, str, object]] = [
    ("DEBUG", "yes", "debug", True),
    ("DEBUG", "OFF", "debug", False),
    ("MEDIA_S3_BUCKET", "chat-pictures", "s3_bucket", "chat-pictures"),
    ("MEDIA_S3_ENDPOINT_URL", "http://minio:9000/", "s3_endpoint_url", "http://minio:9000"),
    ("MEDIA_S3_REGION", "eu-central-1", "s3_region", "eu-central-1"),
    ("MEDIA_S3_ACCESS_KEY", "chat", "s3_access_key", "chat"),
    ("MEDIA_S3_SECRET_KEY", "hush", "s3_secret_key", "hush"),
    ("MEDIA_DIR", "/srv/pictures", "shared_media_dir", Path("/srv/pictures")),
    ("DOCUMENTS_DIR", "/srv/documents", "shared_documents_dir", Path("/srv/documents")),
    ("FETCH_ADDRESSES", "no", "fetches_addresses", False),
    ("READING_NEEDS_REASON", "0", "reading_needs_reason", False),
    ("READ_GRANT_MINUTES", "15", "read_grant_minutes", 15),
    ("MODERATIONS_PER_MINUTE", "5", "moderations_per_minute", 5),
    ("SEALS_CONVERSATIONS", "1", "seals_conversations", True),
    ("BACKUP_PASSPHRASE", "correct horse", "backup_passphrase", "correct horse"),
    ("SECRET_KEY", "given", "secret_key", "given"),
    ("SECRET_KEY_FALLBACKS", "older, oldest", "secret_key_fallbacks", ("older", "oldest")),
    ("DATABASE_URL", "postgres://u:p@db:5432/chat", "database_url", "postgres://u:p@db:5432/chat"),
    ("DATABASE_URL", "sqlite:///chat.sqlite3", "database_url", "sqlite:///chat.sqlite3"),
    ("REDIS_URL", "rediss://cache:6379/1", "redis_url", "rediss://cache:6379/1"),
    ("ALLOWED_HOSTS", " a.example , b.example,", "allowed_hosts", ("a.example", "b.example")),
    ("CSRF_TRUSTED_ORIGINS", "https://a.example/", "csrf_trusted_origins", ("https://a.example",)),
    ("CSRF_TRUSTED_ORIGINS", "https://*.a.example", "csrf_trusted_origins", ("https://*.a.example",)),
    ("PUBLIC_URL", "https://chat.example.org/", "public_url", "https://chat.example.org"),
    ("TRUSTED_PROXIES", "10.0.0.0/8,::1", "trusted_proxies", ("10.0.0.0/8", "::1")),
    ("AIMLAPI_KEY", "sk-1", "api_key", "sk-1"),
    ("AIMLAPI_KEY", "sk-1", "demo", False),
    ("CHAT_API_BASE_URL", "http://127.0.0.1:11434/v1/", "endpoint_base_url", "http://127.0.0.1:11434/v1"),
    ("CHAT_API_BASE_URL", "http://127.0.0.1:11434/v1", "demo", False),
    ("CHAT_MODEL", "a/b", "model_name", "a/b"),
    ("CHAT_SYSTEM_PROMPT", "Be brief.", "system_prompt", "Be brief."),
    ("CHAT_CONTEXT_TOKENS", "8192", "context_tokens", 8192),
    ("CHAT_IMAGES_PER_REQUEST", "5", "images_per_request", 5),
    ("CHAT_MAX_OUTPUT_TOKENS", "300", "max_output_tokens", 300),
    ("CHAT_CONNECT_TIMEOUT", "2.5", "connect_timeout", 2.5),
    ("CHAT_FIRST_TOKEN_TIMEOUT", "30", "first_token_timeout", 30.0),
    ("CHAT_BETWEEN_TOKENS_TIMEOUT", "30", "between_tokens_timeout", 30.0),
    ("CHAT_REPLY_TIMEOUT", "30", "reply_timeout", 30.0),
    ("MAX_REPLIES_PER_PERSON", "2", "max_replies_per_person", 2),
    ("MAX_REPLIES", "9", "max_replies", 9),
    ("CHAT_MAX_REPLIES", "3", "endpoint_max_replies", 3),
    ("MAX_WAITING_REPLIES", "0", "max_waiting_replies", 0),
    ("SHUTDOWN_GRACE", "0", "shutdown_grace", 0.0),
    ("SHUTDOWN_DELAY", "2", "shutdown_delay", 2.0),
    ("MAX_IMAGE_MEGABYTES", "3", "max_image_bytes", 3_000_000),
    ("MAX_IMAGE_MEGAPIXELS", "12", "max_image_megapixels", 12),
    ("MAX_IMAGE_MEMORY_MEGABYTES", "200", "max_image_memory", 200_000_000),
    ("MAX_UNSENT_IMAGES", "7", "max_unsent_images", 7),
    ("MAX_UNSENT_MEGABYTES", "80", "max_unsent_bytes", 80_000_000),
    ("MAX_UPLOADS_PER_MINUTE", "9", "max_uploads_per_minute", 9),
    ("MIN_FREE_MEGABYTES", "0", "min_free_bytes", 0),
    ("UNUSED_COPY_DAYS", "30", "unused_copy_days", 30),
    ("MAX_IMAGES_PER_MESSAGE", "2", "max_images_per_message", 2),
    ("LANGUAGE_CODE", "pt-br", "language", "pt-br"),
    ("TIME_ZONE", "Europe/Vienna", "time_zone", "Europe/Vienna"),
    ("METRICS_PORT", "9464", "metrics_port", 9464),
    ("METRICS_HOST", "10.0.0.1", "metrics_host", "10.0.0.1"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://10.0.0.9:4318", "traces_url", "http://10.0.0.9:4318"),
    ("LOG_FORMAT", "JSON", "logs_json", True),
]


@pytest.mark.parametrize(("name", "value", "field", "expected"), VALUES)
def test_a_setting_is_read(tmp_path: Path, name: str, value: str, field: str, expected: object) -> None:
    assert getattr(load(tmp_path, **{name: value}), field) == expected


def test_every_setting_is_among_those_tried() -> None:
    assert {name for name, *_ in VALUES} == DOCUMENTED.keys() - {"ENV_FILE", "DATA_DIR"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("MEDIA_S3_BUCKET", "s3://chat-pictures"),
        ("MEDIA_S3_ENDPOINT_URL", "minio:9000"),
        ("DATABASE_URL", "mysql://host/name"),
        ("DATABASE_URL", "postgres:///"),
        ("DATABASE_URL", "postgres://host:port/name"),
        ("REDIS_URL", "http://host"),
        ("CSRF_TRUSTED_ORIGINS", "chat.example.org"),
        ("CSRF_TRUSTED_ORIGINS", "https://a.example,https://b.example/path"),
        ("PUBLIC_URL", "chat.example.org"),
        ("PUBLIC_URL", "https://example.org/chat"),
        ("PUBLIC_URL", "https://"),
        ("TRUSTED_PROXIES", "proxy"),
        ("AIMLAPI_KEY", "two words"),
        ("AIMLAPI_KEY", "schlüssel"),
        ("CHAT_API_BASE_URL", "api.example.org/v1"),
        ("CHAT_API_BASE_URL", "ftp://api.example.org"),
        ("CHAT_API_BASE_URL", "http://[::1/v1"),
        ("CHAT_CONTEXT_TOKENS", "many"),
        ("CHAT_IMAGES_PER_REQUEST", "0"),
        ("CHAT_MAX_OUTPUT_TOKENS", "1.5"),
        ("CHAT_CONNECT_TIMEOUT", "0"),
        ("CHAT_FIRST_TOKEN_TIMEOUT", "-1"),
        ("CHAT_BETWEEN_TOKENS_TIMEOUT", "nan"),
        ("CHAT_REPLY_TIMEOUT", "inf"),
        ("SHUTDOWN_GRACE", "-1"),
        ("MAX_REPLIES_PER_PERSON", "0"),
        ("MAX_REPLIES", "0"),
        ("CHAT_MAX_REPLIES", "0"),
        ("MAX_WAITING_REPLIES", "-1"),
        ("MAX_IMAGE_MEGABYTES", "25 MB"),
        ("MAX_IMAGE_MEGAPIXELS", "0"),
        ("MAX_IMAGES_PER_MESSAGE", "1e400"),
        ("LANGUAGE_CODE", "english please"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TIME_ZONE", "../../etc/passwd"),
        ("METRICS_PORT", "-1"),
        ("METRICS_HOST", "everywhere"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"^{name} (cannot be|contains) .+\.$"):
        load(tmp_path, **{name: value})


@pytest.mark.parametrize(
    "value",
    [
        "https://example.org/chat",
        "https://example.org/chat/",
        "https://example.org?a",
        "https://a.org,https://b.org",
    ],
)
def test_a_site_below_a_path_is_refused_with_the_sentence_of_the_page(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, PUBLIC_URL=value)
    assert str(caught.value) == f"PUBLIC_URL cannot be “{value.rstrip('/')}”: {conf.NO_PATH}."
    assert conf.NO_PATH in PAGE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://ann:hush@host/name"),
        ("REDIS_URL", "http://:hush@host"),
        ("AIMLAPI_KEY", "hush hush"),
    ],
)
def test_a_refusal_does_not_repeat_a_secret(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, **{name: value})
    assert "hush" not in str(caught.value)


def test_the_data_folder_is_relative_to_the_project(tmp_path: Path) -> None:
    assert load(tmp_path).data_dir == tmp_path / "var"
    assert load(tmp_path, DATA_DIR="elsewhere/data").data_dir == tmp_path / "elsewhere" / "data"
    assert load(tmp_path, DATA_DIR=str(tmp_path / "x")).media_dir == tmp_path / "x" / "media"


def test_folders_that_machines_share_are_named_apart_from_their_own(tmp_path: Path) -> None:
    shared = load(tmp_path, MEDIA_DIR="shared")
    assert (shared.media_dir, shared.documents_dir) == (
        tmp_path / "shared",
        tmp_path / "shared" / "documents",
    )
    apart = load(tmp_path, DOCUMENTS_DIR="shared")
    assert (apart.media_dir, apart.documents_dir) == (tmp_path / "var" / "media", tmp_path / "shared")


def test_the_secret_key_is_made_once(tmp_path: Path) -> None:
    first, second = load(tmp_path).secret_key, load(tmp_path).secret_key

    assert first == second
    assert len(first) >= 50
    assert list((tmp_path / "var").iterdir()) == [tmp_path / "var" / "secret_key"]
    assert load(tmp_path / "other").secret_key != first


def test_https_is_what_the_public_address_says(tmp_path: Path) -> None:
    assert load(tmp_path, PUBLIC_URL="https://a.example").https
    assert not load(tmp_path, PUBLIC_URL="http://a.example").https
    assert not load(tmp_path).https


@pytest.fixture
def variables() -> Iterator[dict[str, str]]:
    """The process's environment, which is as before afterwards."""
    before = dict(os.environ)
    for name in DOCUMENTED:
        os.environ.pop(name, None)
    yield os.environ  # type: ignore[misc]  # as good as a dictionary
    os.environ.clear()
    os.environ.update(before)


def test_the_environment_wins_over_the_file(tmp_path: Path, variables: dict[str, str]) -> None:
    (tmp_path / ".env").write_text("CHAT_MODEL=from/file\nTIME_ZONE=Europe/Vienna\n")
    variables["CHAT_MODEL"] = "from/environment"
    config = conf.load_environment(tmp_path)

    assert (config.model_name, config.time_zone) == ("from/environment", "Europe/Vienna")


def test_another_file_may_be_named(tmp_path: Path, variables: dict[str, str]) -> None:
    (tmp_path / ".env").write_text("CHAT_MODEL=from/file\n")
    (tmp_path / "other.env").write_text("export CHAT_MODEL='from/other'  # a comment\n\n")
    variables["ENV_FILE"] = "other.env"

    assert conf.load_environment(tmp_path).model_name == "from/other"


def test_without_a_file_the_defaults_hold(tmp_path: Path, variables: dict[str, str]) -> None:
    assert conf.load_environment(tmp_path) == load(tmp_path)


def test_a_file_that_is_named_must_be_there(tmp_path: Path, variables: dict[str, str]) -> None:
    variables["ENV_FILE"] = "other.env"
    with pytest.raises(ConfigurationError, match=r"ENV_FILE names .*other\.env, which does not exist\."):
        conf.load_environment(tmp_path)


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"CHAT_MODEL=a/b\nno setting here\n", 2), (b"CHAT_MODEL\n", 1), (b"\n\nCHAT_MODEL='open\n", 3)],
)
def test_a_malformed_line_is_named(
    tmp_path: Path, variables: dict[str, str], content: bytes, line: int
) -> None:
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(ConfigurationError, match=rf"Line {line} of \.env is not of the form NAME=value\."):
        conf.load_environment(tmp_path)


def test_a_file_that_is_no_text_is_named(tmp_path: Path, variables: dict[str, str]) -> None:
    (tmp_path / ".env").write_bytes(b"CHAT_MODEL=\xff\xfe\n")
    with pytest.raises(ConfigurationError, match=r"\.env cannot be read"):
        conf.load_environment(tmp_path)
