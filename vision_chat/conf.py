"""All settings of the application, read from the environment and `.env`.

`docs/configuration.md` explains each name; a test holds the two together.
"""

import contextlib
import ipaddress
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dotenv.parser import parse_stream

from vision_chat.errors.base import ConfigurationError

DEFAULT_BASE_URL = "https://api.aimlapi.com/v1"
DEFAULT_MODEL_NAME = "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo"
DEFAULT_ALLOWED_HOSTS = ("localhost", "127.0.0.1", "[::1]")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)
BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
KEY_VARIABLES = "CHAT_KEY_"
"""Beginning of the names of variables that hold the keys of further endpoints."""
MEGABYTE = 1_000_000
NO_PATH = (
    "it must be a scheme and a host, such as https://chat.example.org, because the site cannot be served "
    "below a path"
)
"""The complaint about another PUBLIC_URL. The page about the settings repeats it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Frozen settings. Sizes are bytes, times are seconds."""

    debug: bool
    data_dir: Path
    shared_media_dir: Path | None
    shared_documents_dir: Path | None
    s3_bucket: str
    """The bucket of the pictures; empty where they lie in a folder."""
    s3_endpoint_url: str
    s3_region: str
    s3_access_key: str = field(repr=False)
    s3_secret_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(repr=False)
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    allowed_hosts: tuple[str, ...]
    csrf_trusted_origins: tuple[str, ...]
    public_url: str
    trusted_proxies: tuple[str, ...]
    api_key: str = field(repr=False)
    endpoint_keys: Mapping[str, str] = field(repr=False)
    """Keys of further endpoints, by the names of their variables."""
    endpoint_base_url: str
    model_name: str
    system_prompt: str
    demo: bool
    context_tokens: int | None
    images_per_request: int | None
    max_output_tokens: int | None
    connect_timeout: float
    first_token_timeout: float
    between_tokens_timeout: float
    reply_timeout: float
    max_replies_per_person: int
    max_replies: int
    max_waiting_replies: int
    endpoint_max_replies: int | None
    """Most replies that run at the endpoint of the environment; None for no limit."""
    shutdown_grace: float
    shutdown_delay: float
    max_image_bytes: int
    max_image_megapixels: int
    max_image_memory: int
    max_images_per_message: int
    max_unsent_images: int
    max_unsent_bytes: int
    max_uploads_per_minute: int
    min_free_bytes: int
    fetches_addresses: bool
    unused_copy_days: int
    reading_needs_reason: bool
    read_grant_minutes: int
    moderations_per_minute: int
    seals_conversations: bool
    backup_passphrase: str = field(repr=False)
    language: str
    time_zone: str
    metrics_port: int
    """0 where nothing is measured."""
    metrics_host: str
    traces_url: str
    """The address of an OpenTelemetry collector; "" for none."""
    logs_json: bool

    @property
    def https(self) -> bool:
        """Tell whether people reach this server by https, so that cookies may insist on it."""
        return self.public_url.startswith("https://")

    @property
    def has_many_processes(self) -> bool:
        """Tell whether several servers may run on this data: SQLite and a cache in memory allow only one."""
        return bool(self.redis_url) and self.database_url.startswith("postgres")

    @property
    def media_dir(self) -> Path:
        """The folder of the pictures, where they lie in one."""
        return self.shared_media_dir or self.data_dir / "media"

    @property
    def audit_dir(self) -> Path:
        """The folder of the daily files with heads of the audit log."""
        return self.data_dir / "audit"

    @property
    def documents_dir(self) -> Path:
        """The folder of the documents whose pages are being chosen: shared where that of the pictures is."""
        return self.shared_documents_dir or (self.shared_media_dir or self.data_dir) / "documents"


class _Reader:
    """Typed look-ups in a mapping of strings. An empty value counts as absent.

    Each method raises ConfigurationError where the value is not of its type.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name, "").strip() or default

    def flag(self, name: str, default: str = "0") -> bool:
        value = self.text(name, default).lower()
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off"}:
            return False
        raise _invalid(name, value, "use 1 or 0")

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """Read one of several words, the first by default."""
        value = self.text(name, choices[0]).lower()
        if value not in choices:
            raise _invalid(name, value, f"use {' or '.join(choices)}")
        return value

    def number(self, name: str, default: float, *, least: float) -> float:
        value = self.text(name)
        try:
            number = float(value) if value else default
        except ValueError:
            raise _invalid(name, value, "it must be a number") from None
        if not least <= number < float("inf"):
            raise _invalid(name, value, f"it must be at least {least:g}")
        return number

    def whole(self, name: str, default: int, *, least: int = 1) -> int:
        number = self.number(name, default, least=least)
        if number != int(number):
            raise _invalid(name, self.text(name), "it must be a whole number")
        return int(number)

    def optional_whole(self, name: str) -> int | None:
        return self.whole(name, 1) if self.text(name) else None

    def folder(self, name: str, base_dir: Path) -> Path | None:
        value = self.text(name)
        return (base_dir / Path(value).expanduser()).resolve() if value else None

    def items(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        items = tuple(item.strip() for item in self.text(name).split(",") if item.strip())
        return items or default

    def url(self, name: str, default: str = "", *, schemes: tuple[str, ...]) -> str:
        value = self.text(name, default).rstrip("/")
        return self._checked_url(name, value, schemes) if value else ""

    def origins(self, name: str) -> tuple[str, ...]:
        """Read a list of origins: a scheme, a host and perhaps a port."""
        items = (item.rstrip("/") for item in self.items(name))
        origins = tuple(self._checked_url(name, item, ("https", "http")) for item in items)
        for origin in origins:
            if urlsplit(origin).path:
                raise _invalid(name, origin, "leave out everything after the host")
        return origins

    def site_address(self, name: str) -> str:
        """Read the address of this site: an origin."""
        value = self.url(name, schemes=("https", "http"))
        if value.count("/") > 2 or not set(value).isdisjoint("?#@"):
            raise _invalid(name, value, NO_PATH)
        return value

    def key(self, name: str) -> str:
        """Read a value that is sent in a header."""
        value = self.text(name)
        if not value.isascii() or not value.isprintable() or " " in value:
            raise ConfigurationError(
                problem=f"{name} contains a space or another character that keys do not have."
            )
        return value

    def keys(self, beginning: str) -> dict[str, str]:
        """Read all variables whose names begin so, and that are not empty."""
        names = sorted(name for name in self._values if name.startswith(beginning) and self.text(name))
        return {name: self.key(name) for name in names}

    def bucket(self, name: str) -> str:
        value = self.text(name)
        if value and not BUCKET.fullmatch(value):
            raise _invalid(name, value, "give the name of a bucket alone, such as chat-pictures")
        return value

    def time_zone(self, name: str) -> str:
        value = self.text(name, "UTC")
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise _invalid(name, value, "give a name such as Europe/Vienna") from None
        return value

    def language(self, name: str) -> str:
        value = self.text(name, "en")
        if not LANGUAGE.fullmatch(value):
            raise _invalid(name, value, "give a code such as en or pt-br")
        return value

    def address(self, name: str, default: str) -> str:
        """Read the address of a network interface."""
        value = self.text(name, default)
        try:
            ipaddress.ip_address(value)
        except ValueError:
            raise _invalid(name, value, "give an address such as 10.0.0.1") from None
        return value

    def networks(self, name: str) -> tuple[str, ...]:
        for item in self.items(name):
            try:
                ipaddress.ip_network(item)
            except ValueError:
                raise _invalid(name, item, "give addresses or networks such as 10.0.0.0/8") from None
        return self.items(name)

    @staticmethod
    def _checked_url(name: str, value: str, schemes: tuple[str, ...]) -> str:
        try:
            parts = urlsplit(value)
            port_is_sound = parts.port is None or parts.port > 0
        except ValueError:
            port_is_sound = False
        beginnings = " or ".join(f"{scheme}://" for scheme in schemes)
        if not port_is_sound or parts.scheme not in schemes:
            raise _invalid(name, value, f"it must be an address that begins with {beginnings}")
        is_file = parts.scheme in {"sqlite", "unix"}
        if not (parts.path.strip("/").removeprefix(":memory:") if is_file else parts.hostname):
            raise _invalid(name, value, "it must name a file" if is_file else "it must name a host")
        return value


def _invalid(name: str, value: str, advice: str) -> ConfigurationError:
    secret = name.endswith(("_KEY", "_URL"))
    shown = "its value" if secret and "@" in value else f"“{value}”"
    return ConfigurationError(problem=f"{name} cannot be {shown}: {advice}.")


def load(values: Mapping[str, str], base_dir: Path) -> Config:
    """Read every setting from `values`, and create the data folder. Raises ConfigurationError."""
    read = _Reader(values)
    api_key = read.key("AIMLAPI_KEY")
    base_url = read.url("CHAT_API_BASE_URL", schemes=("https", "http"))
    data_dir = (base_dir / Path(read.text("DATA_DIR", "var")).expanduser()).resolve()
    _make_data_dir(data_dir)
    return Config(
        debug=read.flag("DEBUG"),
        data_dir=data_dir,
        shared_media_dir=read.folder("MEDIA_DIR", base_dir),
        shared_documents_dir=read.folder("DOCUMENTS_DIR", base_dir),
        s3_bucket=read.bucket("MEDIA_S3_BUCKET"),
        s3_endpoint_url=read.url("MEDIA_S3_ENDPOINT_URL", schemes=("https", "http")),
        s3_region=read.text("MEDIA_S3_REGION"),
        s3_access_key=read.key("MEDIA_S3_ACCESS_KEY"),
        s3_secret_key=read.key("MEDIA_S3_SECRET_KEY"),
        secret_key=read.text("SECRET_KEY") or stored_secret_key(data_dir),
        secret_key_fallbacks=read.items("SECRET_KEY_FALLBACKS"),
        database_url=read.url(
            "DATABASE_URL",
            f"sqlite:///{data_dir / 'db.sqlite3'}",
            schemes=("postgres", "postgresql", "sqlite"),
        ),
        redis_url=read.url("REDIS_URL", schemes=("redis", "rediss", "unix")),
        allowed_hosts=read.items("ALLOWED_HOSTS", DEFAULT_ALLOWED_HOSTS),
        csrf_trusted_origins=read.origins("CSRF_TRUSTED_ORIGINS"),
        public_url=read.site_address("PUBLIC_URL"),
        trusted_proxies=read.networks("TRUSTED_PROXIES"),
        api_key=api_key,
        endpoint_keys=read.keys(KEY_VARIABLES),
        endpoint_base_url=base_url or DEFAULT_BASE_URL,
        model_name=read.text("CHAT_MODEL", DEFAULT_MODEL_NAME),
        system_prompt=read.text("CHAT_SYSTEM_PROMPT"),
        demo=not api_key and not base_url,
        context_tokens=read.optional_whole("CHAT_CONTEXT_TOKENS"),
        images_per_request=read.optional_whole("CHAT_IMAGES_PER_REQUEST"),
        max_output_tokens=read.optional_whole("CHAT_MAX_OUTPUT_TOKENS"),
        connect_timeout=read.number("CHAT_CONNECT_TIMEOUT", 10, least=0.01),
        first_token_timeout=read.number("CHAT_FIRST_TOKEN_TIMEOUT", 120, least=0.01),
        between_tokens_timeout=read.number("CHAT_BETWEEN_TOKENS_TIMEOUT", 60, least=0.01),
        reply_timeout=read.number("CHAT_REPLY_TIMEOUT", 1200, least=0.01),
        max_replies_per_person=read.whole("MAX_REPLIES_PER_PERSON", 4),
        max_replies=read.whole("MAX_REPLIES", 200),
        max_waiting_replies=read.whole("MAX_WAITING_REPLIES", 20, least=0),
        endpoint_max_replies=read.optional_whole("CHAT_MAX_REPLIES"),
        shutdown_grace=read.number("SHUTDOWN_GRACE", 10, least=0),
        shutdown_delay=read.number("SHUTDOWN_DELAY", 0, least=0),
        max_image_bytes=read.whole("MAX_IMAGE_MEGABYTES", 60) * MEGABYTE,
        max_image_megapixels=read.whole("MAX_IMAGE_MEGAPIXELS", 50),
        max_image_memory=read.whole("MAX_IMAGE_MEMORY_MEGABYTES", 450, least=50) * MEGABYTE,
        max_images_per_message=read.whole("MAX_IMAGES_PER_MESSAGE", 10),
        max_unsent_images=read.whole("MAX_UNSENT_IMAGES", 50),
        max_unsent_bytes=read.whole("MAX_UNSENT_MEGABYTES", 500) * MEGABYTE,
        max_uploads_per_minute=read.whole("MAX_UPLOADS_PER_MINUTE", 60),
        min_free_bytes=read.whole("MIN_FREE_MEGABYTES", 500, least=0) * MEGABYTE,
        fetches_addresses=read.flag("FETCH_ADDRESSES", "1"),
        unused_copy_days=read.whole("UNUSED_COPY_DAYS", 90),
        reading_needs_reason=read.flag("READING_NEEDS_REASON", "1"),
        read_grant_minutes=read.whole("READ_GRANT_MINUTES", 60),
        moderations_per_minute=read.whole("MODERATIONS_PER_MINUTE", 60),
        seals_conversations=read.flag("SEALS_CONVERSATIONS"),
        backup_passphrase=read.text("BACKUP_PASSPHRASE"),
        language=read.language("LANGUAGE_CODE"),
        time_zone=read.time_zone("TIME_ZONE"),
        metrics_port=read.whole("METRICS_PORT", 0, least=0),
        metrics_host=read.address("METRICS_HOST", "127.0.0.1"),
        traces_url=read.url("OTEL_EXPORTER_OTLP_ENDPOINT", schemes=("http", "https")),
        logs_json=read.choice("LOG_FORMAT", ("line", "json")) == "json",
    )


def load_environment(base_dir: Path) -> Config:
    """Read `ENV_FILE` (default `.env`) and the process environment, which wins. Raises ConfigurationError."""
    named = os.environ.get("ENV_FILE")
    path = base_dir / (named or ".env")
    if named and not path.exists():
        raise ConfigurationError(problem=f"ENV_FILE names {path}, which does not exist.")
    values = {} if named == "" else _env_file_values(path)
    return load(values | dict(os.environ), base_dir)


def _env_file_values(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(problem=f"{path} cannot be read: {error}.") from error
    values = {}
    for binding in parse_stream(StringIO(text)):
        if binding.error or (binding.key and binding.value is None):
            original = binding.original  # includes the blank lines before it
            line = original.line + len(original.string) - len(original.string.lstrip("\n"))
            raise ConfigurationError(problem=f"Line {line} of {path.name} is not of the form NAME=value.")
        if binding.key:
            values[binding.key] = binding.value or ""
    return values


def _make_data_dir(data_dir: Path) -> None:
    """Create the folder, readable by its owner only: it holds conversations and images."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _not_writable(data_dir, error) from error


def _not_writable(data_dir: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        problem=f"DATA_DIR {data_dir} cannot be written to ({error.strerror}): choose another folder."
    )


def stored_secret_key(data_dir: Path) -> str:
    """Return the key stored in `data_dir`; the first call creates it, readable by its owner only."""
    path = data_dir / "secret_key"
    try:
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(48))
        key = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise _not_writable(data_dir, error) from error
    except ValueError:
        key = ""
    if not key:
        raise ConfigurationError(
            problem=f"{path} contains no key. Delete it to get a new one; everyone must then sign in again."
        )
    return key


def _write_once(path: Path, text: str) -> None:
    """Write the file unless it exists. Two processes that start together both read the first one's key."""
    handle, name = tempfile.mkstemp(dir=path.parent)  # readable by its owner only
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
    with contextlib.suppress(FileExistsError):
        os.link(name, path)
    Path(name).unlink()
