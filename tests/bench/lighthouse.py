"""Score pages with Lighthouse: as a phone on a slow network, which it simulates, and as a desktop."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.bench import processes
from tests.bench.ground import Ground
from tests.bench.table import Row, at_least
from tests.support.needs import CHROMIUM

LIGHTHOUSE = "lighthouse@12.8.2"
"""Fetched by npm when it is first run: 186 MB are too much to install for each test. (13 takes Node 22.)"""
VISITS = 5
ATTEMPTS = 3
BARS = {"performance": 97, "accessibility": 100, "best-practices": 100}
PRESETS = {"phone": [], "desktop": ["--preset=desktop"]}
A_DAY = 86_400


def scores(ground: Ground, _rounds: int) -> Iterator[Row]:
    """Yield the medians of each page, which on a desktop have no bar."""
    if CHROMIUM is None or shutil.which("npx") is None:
        yield Row(figure="Lighthouse", bar="–", ours="not measured: it takes Chromium and npm")
        return
    pages = {
        "sign-in": ("/accounts/login/", None),
        "new chat": ("/", ground.administrator),
        "conversation": (ground.illustrated_conversation, ground.administrator),
        "account": ("/account/", ground.administrator),
        "list of the admin": ("/admin/vision_chat/conversation/", ground.administrator),
    }
    with processes.endpoint() as endpoint, processes.ours(ground.data_dir, endpoint) as served:
        for name, (path, session) in pages.items():
            for preset, options in PRESETS.items():
                visits = [_visit(served.url, path, session, options) for _ in range(VISITS)]
                for category, bar in BARS.items():
                    yield at_least(
                        f"{name}, {preset}: {category}",
                        bar if preset == "phone" else None,
                        [visit[category] for visit in visits],
                    )


def _visit(url: str, path: str, session: str | None, options: list[str]) -> dict[str, float]:
    """Return the scores of one visit by a browser that has never been here.

    Lighthouse asks for another run where the browser's trace has no beginning.
    """
    for _ in range(ATTEMPTS):
        report = _report(url, path, session, options)
        if report is not None:
            categories = report["categories"]
            return {name: round(categories[name]["score"] * 100) for name in BARS}
    raise RuntimeError(f"Lighthouse could not record a visit of {path}.")


def _report(url: str, path: str, session: str | None, options: list[str]) -> dict[str, Any] | None:
    """Return the report of Lighthouse on one visit, None where it could not record it."""
    # what the browser still writes while it ends may be left
    with tempfile.TemporaryDirectory(prefix="lighthouse-", ignore_cleanup_errors=True) as folder:
        profile, report = Path(folder, "profile"), Path(folder, "report.json")
        _make_profile(profile, url, session)
        visit = subprocess.run(
            [
                *("taskset", "-c", ",".join(map(str, processes.CORES))),
                *("npx", "--yes", LIGHTHOUSE, url + path, "--quiet", *options),
                f"--only-categories={','.join(BARS)}",
                f"--chrome-flags=--headless=new --no-sandbox --user-data-dir={profile}",
                *("--output=json", f"--output-path={report}"),
            ],
            env={**os.environ, "CHROME_PATH": CHROMIUM or ""},
            check=False,
        )
        recorded: dict[str, Any] = json.loads(report.read_text()) if visit.returncode == 0 else {}
        return recorded or None


def _make_profile(profile: Path, url: str, session: str | None) -> None:
    """Make the profile of a browser that has this session, and nothing else."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        if session is not None:
            kept = time.time() + A_DAY  # one of the session would not outlive this
            context.add_cookies([{"name": "sessionid", "value": session, "url": url, "expires": kept}])
        context.close()
