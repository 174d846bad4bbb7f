"""Django's settings. Those that differ between installations come from `vision_chat.conf`."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.conf.locale import LANG_INFO

from vision_chat import conf
from vision_chat.errors.base import ConfigurationError
from vision_chat.server.places import POOL
from vision_chat.server.workers.lifeline import NUMBER
from vision_chat.services.site.redis import CACHE_OPTIONS, layer_host

FOREVER = 10**9
BASE_DIR = Path(__file__).resolve().parent.parent
VISION_CHAT = conf.load_environment(BASE_DIR)

DEBUG = VISION_CHAT.debug
SECRET_KEY = VISION_CHAT.secret_key
SECRET_KEY_FALLBACKS = list(VISION_CHAT.secret_key_fallbacks)
ALLOWED_HOSTS = list(VISION_CHAT.allowed_hosts)
CSRF_TRUSTED_ORIGINS = list(VISION_CHAT.csrf_trusted_origins)
if VISION_CHAT.public_url:
    CSRF_TRUSTED_ORIGINS.append(VISION_CHAT.public_url)
    ALLOWED_HOSTS.append(str(urlsplit(VISION_CHAT.public_url).hostname))

INSTALLED_APPS = [
    "vision_chat",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "vision_chat.middleware.security_headers",
    "vision_chat.middleware.without_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "vision_chat.middleware.remember_sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["vision_chat.server.templates.FolderLoader", "vision_chat.server.templates.AppLoader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES = {"default": dj_database_url.parse(VISION_CHAT.database_url)}
# a connection that is kept, or lies in the pool, may have died: it is looked at first, at no cost for SQLite
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        # a transaction that begins by reading fails at once where it wants to write while another does
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
    }
else:
    # one that vanished without a word is given up after some seconds, where Linux takes a quarter of an hour
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 10,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        **DATABASES["default"].get("OPTIONS", {}),
    }
    # requests wait for a connection; PostgreSQL would refuse one too many, also to those who had none yet
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": POOL, "timeout": 10}

if VISION_CHAT.redis_url:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "vision_chat.services.site.identity.SiteChannelLayer",
            "CONFIG": {"hosts": [layer_host(VISION_CHAT.redis_url)]},
        }
    }
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": VISION_CHAT.redis_url,
            "KEY_FUNCTION": "vision_chat.services.site.identity.cache_key",
            "OPTIONS": CACHE_OPTIONS,
        }
    }
else:
    CHANNEL_LAYERS = {}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "new_chat"
LOGOUT_REDIRECT_URL = "login"

if not {VISION_CHAT.language.lower(), VISION_CHAT.language.lower().partition("-")[0]} & LANG_INFO.keys():
    raise ConfigurationError(
        problem=f"LANGUAGE_CODE cannot be “{VISION_CHAT.language}”: Django does not know this language."
    )
LANGUAGE_CODE = VISION_CHAT.language
TIME_ZONE = VISION_CHAT.time_zone
USE_I18N = True
FORMAT_MODULE_PATH = ["chatsite.formats"]
USE_THOUSAND_SEPARATOR = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VISION_CHAT.data_dir / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES: dict[str, Any] = {
    "default": {
        "BACKEND": "vision_chat.services.metrics.storage.Folder",
        "OPTIONS": {
            "location": VISION_CHAT.media_dir,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "vision_chat.server.static_files.HashedStaticFilesStorage"},
}
if VISION_CHAT.s3_bucket:
    STORAGES["default"] = {
        "BACKEND": "vision_chat.services.files.s3.S3Files",
        "OPTIONS": {
            "bucket_name": VISION_CHAT.s3_bucket,
            "endpoint_url": VISION_CHAT.s3_endpoint_url or None,
            "region_name": VISION_CHAT.s3_region or None,
            # without them the client looks for those of the machine
            "access_key": VISION_CHAT.s3_access_key or None,
            "secret_key": VISION_CHAT.s3_secret_key or None,
        },
    }
# images are spooled to the disk, so that twenty uploads at once do not fill the memory
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = VISION_CHAT.https
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = VISION_CHAT.https
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 3600 * 24 * 30 if VISION_CHAT.https else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

DEFAULT_EXCEPTION_REPORTER_FILTER = "vision_chat.server.error_reports.ReportFilter"
SECRETS = [
    VISION_CHAT.api_key,
    *VISION_CHAT.endpoint_keys.values(),
    VISION_CHAT.s3_secret_key,
    VISION_CHAT.secret_key,
    *VISION_CHAT.secret_key_fallbacks,
    VISION_CHAT.backup_passphrase,
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "vision_chat.server.logs.RedactingFormatter",
            "fmt": "{asctime} {levelname} {name}: {message}",
            "secrets": SECRETS,
        },
        "json": {
            "()": "vision_chat.server.logs.JsonFormatter",
            "secrets": SECRETS,
            "worker": os.environ.get(NUMBER, ""),
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if VISION_CHAT.logs_json else "line",
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "vision_chat": {"level": "INFO"},
        # a line for each reply, for those who collect logs
        "vision_chat.services.replies._measures": {"level": "INFO" if VISION_CHAT.logs_json else "WARNING"},
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
    },
}
