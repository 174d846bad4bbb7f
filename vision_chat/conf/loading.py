"""The settings as they are read, in the groups of docs/configuration.md."""

import os
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Final

from dotenv.parser import parse_stream

from vision_chat.conf.config import (
    MEGABYTE,
    AddressConfig,
    Config,
    DataConfig,
    ModelConfig,
    PictureConfig,
    ReviewConfig,
    ServerConfig,
)
from vision_chat.conf.data_folder import make_data_dir, stored_secret_key
from vision_chat.conf.reader import Reader
from vision_chat.errors.base import ConfigurationError

DEFAULT_BASE_URL: Final = "https://api.aimlapi.com/v1"
DEFAULT_MODEL_NAME: Final = "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo"
DEFAULT_ALLOWED_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")
KEY_VARIABLES: Final = "CHAT_KEY_"
"""Beginning of the names of variables that hold the keys of further endpoints."""


def load(values: Mapping[str, str], base_dir: Path) -> Config:
    """Read every setting from `values`, and create the data folder. Raises ConfigurationError."""
    read = Reader(values)
    groups = (
        _model(read),
        _pictures(read),
        _review(read),
        _address(read),
        _data(read, base_dir),
        _server(read),
    )
    return Config(**{name: value for group in groups for name, value in vars(group).items()})


def _model(read: Reader) -> ModelConfig:
    """Read the endpoint of the environment and its model."""
    api_key = read.key("AIMLAPI_KEY")
    base_url = read.url("CHAT_API_BASE_URL", schemes=("https", "http"))
    return ModelConfig(
        api_key=api_key,
        endpoint_keys=read.keys(KEY_VARIABLES),
        endpoint_base_url=base_url or DEFAULT_BASE_URL,
        model_name=read.text("CHAT_MODEL", DEFAULT_MODEL_NAME),
        system_prompt=read.text("CHAT_SYSTEM_PROMPT"),
        demo=not api_key and not base_url,
        context_tokens=read.optional_whole("CHAT_CONTEXT_TOKENS"),
        images_per_request=read.optional_whole("CHAT_IMAGES_PER_REQUEST"),
        max_output_tokens=read.optional_whole("CHAT_MAX_OUTPUT_TOKENS"),
        endpoint_max_replies=read.optional_whole("CHAT_MAX_REPLIES"),
        connect_timeout=read.number("CHAT_CONNECT_TIMEOUT", 10, least=0.01),
        first_token_timeout=read.number("CHAT_FIRST_TOKEN_TIMEOUT", 120, least=0.01),
        between_tokens_timeout=read.number("CHAT_BETWEEN_TOKENS_TIMEOUT", 60, least=0.01),
        reply_timeout=read.number("CHAT_REPLY_TIMEOUT", 1200, least=0.01),
    )


def _pictures(read: Reader) -> PictureConfig:
    """Read the limits of pictures and uploads."""
    return PictureConfig(
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
    )


def _review(read: Reader) -> ReviewConfig:
    """Read what reviewers may do."""
    return ReviewConfig(
        reading_needs_reason=read.flag("READING_NEEDS_REASON", "1"),
        read_grant_minutes=read.whole("READ_GRANT_MINUTES", 60),
        moderations_per_minute=read.whole("MODERATIONS_PER_MINUTE", 60),
        seals_conversations=read.flag("SEALS_CONVERSATIONS"),
    )


def _address(read: Reader) -> AddressConfig:
    """Read where people reach the site, and through what."""
    return AddressConfig(
        allowed_hosts=read.items("ALLOWED_HOSTS", DEFAULT_ALLOWED_HOSTS),
        csrf_trusted_origins=read.origins("CSRF_TRUSTED_ORIGINS"),
        public_url=read.site_address("PUBLIC_URL"),
        trusted_proxies=read.networks("TRUSTED_PROXIES"),
    )


def _data(read: Reader, base_dir: Path) -> DataConfig:
    """Read where data lie, and the services that keep them. Creates the data folder."""
    data_dir = (base_dir / Path(read.text("DATA_DIR", "var")).expanduser()).resolve()
    make_data_dir(data_dir)
    return DataConfig(
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
        backup_passphrase=read.text("BACKUP_PASSPHRASE"),
        redis_url=read.url("REDIS_URL", schemes=("redis", "rediss", "unix")),
    )


def _server(read: Reader) -> ServerConfig:
    """Read how much a server does at once, how it ends, and what it says."""
    return ServerConfig(
        max_replies_per_person=read.whole("MAX_REPLIES_PER_PERSON", 4),
        max_replies=read.whole("MAX_REPLIES", 200),
        max_waiting_replies=read.whole("MAX_WAITING_REPLIES", 20, least=0),
        shutdown_grace=read.number("SHUTDOWN_GRACE", 10, least=0),
        shutdown_delay=read.number("SHUTDOWN_DELAY", 0, least=0),
        language=read.language("LANGUAGE_CODE"),
        time_zone=read.time_zone("TIME_ZONE"),
        metrics_port=read.whole("METRICS_PORT", 0, least=0),
        metrics_host=read.address("METRICS_HOST", "127.0.0.1"),
        traces_url=read.url("OTEL_EXPORTER_OTLP_ENDPOINT", schemes=("http", "https")),
        logs_json=read.choice("LOG_FORMAT", ("line", "json")) == "json",
        debug=read.flag("DEBUG"),
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
