"""Compile every template of the product: `python -m tests.support.templates`."""

import os
import sys

import django
from django.template.loader import get_template

from tests.support.paths import ROOT


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    folder = ROOT / "templates"
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))
    for name in names:
        get_template(name)
    sys.stdout.write(f"{len(names)} templates compile.\n")


if __name__ == "__main__":
    main()
