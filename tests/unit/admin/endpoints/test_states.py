"""How an endpoint fares, on its page, and asking it again by hand."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from tests.support.endpoint_pages import LIST, ask_again_url, change_url
from tests.support.endpoint_time import let_pass
from tests.support.models_of_sites import endpoint
from tests.support.people import signed_in, staff
from vision_chat.models import Endpoint
from vision_chat.services.endpoint_states import rows, rules
from vision_chat.services.endpoint_states.rows import Cause
from vision_chat.services.endpoint_states.rules import OPENS_AT

pytestmark = pytest.mark.django_db


def at_fault(row: Endpoint, times: int = OPENS_AT) -> None:
    for _ in range(times):
        rows.change(
            row.base_url,
            lambda state, now: (rules.failed(state, now), None),
            Cause("endpoint.failed", "HTTP 503: Away"),
        )


def test_the_page_says_that_nothing_is_wrong(chief_client: Client) -> None:
    page = chief_client.get(change_url(endpoint())).content.decode()
    assert "Nothing has gone wrong so far." in page
    assert "Ask it again now" not in page


def test_an_endpoint_that_does_not_answer_can_be_asked_again_by_hand(chief_client: Client) -> None:
    row = endpoint()
    at_fault(row)
    page = chief_client.get(change_url(row)).content.decode()

    assert "It did not answer 5 questions in a row." in page
    assert "Nothing is sent to it until" in page
    assert "HTTP 503: Away" in page
    assert "Does not answer" in chief_client.get(LIST).content.decode()

    assert chief_client.get(ask_again_url(row)).status_code == 405
    assert chief_client.post(ask_again_url(row), follow=True).status_code == 200
    page = chief_client.get(change_url(row)).content.decode()
    assert "It is well again." in page
    assert "HTTP 503: Away" in page
    assert LogEntry.objects.filter(change_message="Asked again.").count() == 1
    chief_client.post(ask_again_url(row))
    assert LogEntry.objects.filter(change_message="Asked again.").count() == 1


def test_the_page_tells_a_pause_a_trial_and_a_slow_start_apart(chief_client: Client) -> None:
    row = endpoint()
    at_fault(row)
    let_pass(11)
    assert "The next question is sent to it as a trial." in chief_client.get(change_url(row)).content.decode()

    rows.change(row.base_url, lambda state, now: (rules.rate_limited(state, now, 60), None))
    assert "It has asked for a pause until" in chief_client.get(change_url(row)).content.decode()
    assert "Paused" in chief_client.get(LIST).content.decode()
    let_pass(61)
    assert "questions are sent one by one" in chief_client.get(change_url(row)).content.decode()


def test_the_state_of_the_environments_endpoint_is_that_of_its_address(
    chief_client: Client, settings: Any
) -> None:
    row = endpoint("env", base_url="", is_from_environment=True)
    address = settings.VISION_CHAT.endpoint_base_url
    rows.change(address, lambda state, now: (rules.failed(state, now), None))
    assert "It did not answer 1 question." in chief_client.get(change_url(row)).content.decode()
    chief_client.post(ask_again_url(row))
    assert "It is well again." in chief_client.get(change_url(row)).content.decode()


def test_who_may_not_change_endpoints_closes_no_breaker() -> None:
    row = endpoint()
    at_fault(row)
    reader = signed_in(staff("zoe", "view_endpoint"))
    assert "Ask it again now" not in reader.get(change_url(row)).content.decode()
    assert reader.post(ask_again_url(row)).status_code == 403


def test_an_endpoint_that_is_gone_is_not_asked_again(chief_client: Client) -> None:
    row = endpoint()
    url = ask_again_url(row)
    row.delete()
    assert chief_client.post(url).status_code == 404
