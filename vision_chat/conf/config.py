"""The settings of a site, as values in the groups of docs/configuration.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """The endpoint of the environment and its model."""

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
    endpoint_max_replies: int | None
    """Most replies that run at the endpoint of the environment; None for no limit."""
    connect_timeout: float
    first_token_timeout: float
    between_tokens_timeout: float
    reply_timeout: float


@dataclass(frozen=True, kw_only=True)
class PictureConfig:
    """Limits of pictures and uploads."""

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


@dataclass(frozen=True, kw_only=True)
class ReviewConfig:
    """Rules for reading and moderation."""

    reading_needs_reason: bool
    read_grant_minutes: int
    moderations_per_minute: int
    seals_conversations: bool


@dataclass(frozen=True, kw_only=True)
class AddressConfig:
    """Addresses of the site, and the proxies before it."""

    allowed_hosts: tuple[str, ...]
    csrf_trusted_origins: tuple[str, ...]
    public_url: str
    trusted_proxies: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Folders of the data, the services that keep them, and keys."""

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
    backup_passphrase: str = field(repr=False)
    redis_url: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ServerConfig:
    """Limits of a server, its end, and what it says."""

    max_replies_per_person: int
    max_replies: int
    max_waiting_replies: int
    shutdown_grace: float
    shutdown_delay: float
    language: str
    time_zone: str
    metrics_port: int
    """0 where nothing is measured."""
    metrics_host: str
    traces_url: str
    """The address of an OpenTelemetry collector; "" for none."""
    logs_json: bool
    debug: bool


@dataclass(frozen=True, kw_only=True)
class Config(ModelConfig, PictureConfig, ReviewConfig, AddressConfig, DataConfig, ServerConfig):
    """Frozen settings, of all groups. Sizes are bytes, times are seconds."""

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
