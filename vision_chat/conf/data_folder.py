"""The folder of the data, and the secret key in it."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from vision_chat.errors.base import ConfigurationError


def make_data_dir(data_dir: Path) -> None:
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
