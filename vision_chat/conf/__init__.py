"""All settings of the application, read from the environment and `.env`.

`docs/configuration.md` explains each name; a test holds the two together.

- `Config`: their values, which never change
- `load_environment(base_dir)`, `load(values, base_dir)`: read them
"""

from vision_chat.conf.config import MEGABYTE, Config
from vision_chat.conf.loading import KEY_VARIABLES, load, load_environment
from vision_chat.conf.reader import NO_PATH

__all__ = ["KEY_VARIABLES", "MEGABYTE", "NO_PATH", "Config", "load", "load_environment"]
