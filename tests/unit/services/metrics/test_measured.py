"""What is measured is what the page of documentation lists, and all that the dashboard shows."""

import json
import re
from typing import Any

import pytest

from tests.support.paths import ROOT
from vision_chat.services.metrics import measured
from vision_chat.services.metrics.instruments import Histogram, Instrument

PAGE = (ROOT / "docs/operating.md").read_text()
DASHBOARD: dict[str, Any] = json.loads((ROOT / "docs/grafana-dashboard.json").read_text())
ROW = re.compile(r"^\| `(vision_chat_\w+)` \| (\w+) \| ([\w, ]*?) ?\|", re.MULTILINE)
EXPRESSIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


def series_of(instrument: Instrument) -> str:
    """Return the name that an expression asks for."""
    return f"{instrument.name}_bucket" if isinstance(instrument, Histogram) else instrument.name


NAMES = {series_of(each): each for each in measured.ALL}


def test_the_page_lists_every_metric_with_its_kind_and_labels() -> None:
    listed = {name: (kind, labels) for name, kind, labels in ROW.findall(PAGE)}

    assert listed == {each.name: (each.kind, ", ".join(each.labels)) for each in measured.ALL}


@pytest.mark.parametrize("instrument", measured.ALL, ids=lambda each: each.name)
def test_names_follow_the_conventions_of_prometheus(instrument: Instrument) -> None:
    assert re.fullmatch(r"vision_chat_[a-z_]+", instrument.name)
    assert instrument.name.endswith("_total") == (instrument.kind == "counter")
    assert instrument.name.endswith("_seconds") == (instrument.kind == "histogram")
    assert instrument.about.endswith(".")


def test_no_name_is_used_twice() -> None:
    assert len(NAMES) == len(measured.ALL)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_dashboard_shows_metrics_that_there_are_by_labels_that_they_have(expression: str) -> None:
    names = re.findall(r"vision_chat_\w+", expression)
    assert names
    for name in names:
        labels = {*NAMES[name].labels, "le"}
        by = re.findall(r" by \(([\w, ]+)\)", expression)
        chosen = re.findall(r"(\w+)[=!]~?\"", expression)
        assert {*chosen, *", ".join(by).split(", ")} - {""} <= labels


def test_each_legend_of_the_dashboard_names_labels_of_its_series() -> None:
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            legend = set(re.findall(r"{{(\w+)}}", target.get("legendFormat", "")))
            by = re.findall(r" by \(([\w, ]+)\)", target["expr"])
            assert legend <= set(", ".join(by).split(", "))
