"""A lead defines what reviewers are asked: form, versions, preview, and what cannot be deleted."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.support import review_factories
from tests.support.admin_rows import rows_of
from tests.support.people import in_group, signed_in
from vision_chat.models import AuditEntry, Review, Rubric, RubricVersion

pytestmark = pytest.mark.django_db

LIST = reverse("admin:vision_chat_rubric_changelist")
ADD = reverse("admin:vision_chat_rubric_add")
PREVIEW = reverse("admin:vision_chat_rubric_preview")
Row = dict[str, Any]
TWO: Sequence[Row] = ({"label": "Fine", "tone": "good"}, {"label": "Not fine", "tone": "bad"})
CHOICE: Row = {"label": "What kind?", "kind": "choice", "choices": "Photo\nDrawing"}


@pytest.fixture
def lead(db: None) -> Client:
    return signed_in(in_group("lena", "Leads"))


def fields(verdicts: Sequence[Row] = TWO, questions: Sequence[Row] = (), **values: Any) -> dict[str, Any]:
    return {
        "name": "Quality",
        "policy": "",
        **rows_of("verdicts", verdicts),
        **rows_of("questions", questions),
        **values,
    }


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def latest() -> dict[str, Any]:
    definition: dict[str, Any] = RubricVersion.objects.latest("pk").definition
    return definition


def test_a_fresh_site_has_a_rubric_to_begin_with(lead: Client) -> None:
    assert "Good · Flawed · Harmful" in text_of(lead.get(LIST))


def test_a_new_rubric_begins_with_the_usual_verdicts(lead: Client) -> None:
    page = text_of(lead.get(ADD))

    for name in ("Good", "Flawed", "Harmful"):
        assert f'value="{name}"' in page


def test_a_rubric_is_saved_as_a_version_in_the_order_of_its_rows_with_names_for_exports(lead: Client) -> None:
    verdicts = [
        {"label": "未確認", "tone": "mixed", "position": 2},
        {"label": "Fine", "tone": "good", "position": 0},
        {"label": "Fine!", "tone": "bad", "position": 1},
        {"label": " ", "tone": "good", "position": 3},
    ]
    assert lead.post(ADD, fields(verdicts, [CHOICE], policy="**Look** twice.")).status_code == 302

    found = latest()
    assert [(each["label"], each["value"]) for each in found["verdicts"]] == [
        ("Fine", "fine"),
        ("Fine!", "fine-2"),
        ("未確認", "verdict-3"),
    ]
    assert found["policy"] == "**Look** twice."
    assert [(each["key"], each["choices"]) for each in found["questions"]] == [
        ("what-kind", ["Photo", "Drawing"])
    ]
    assert AuditEntry.objects.get(action="settings").details["version"] == 1


def test_only_a_change_makes_another_version(lead: Client) -> None:
    lead.post(ADD, fields())
    rubric = Rubric.objects.get(name="Quality")
    url = reverse("admin:vision_chat_rubric_change", args=[rubric.pk])
    saved = [
        {"id": row.pk, "label": row.label, "tone": row.tone, "value": row.value}
        for row in rubric.verdicts.all()
    ]
    lead.post(url, fields(saved, name="Another name"))
    assert rubric.versions.count() == 1

    lead.post(url, fields([{**saved[0], "label": "Very fine"}, saved[1]]))
    assert [each.number for each in rubric.versions.order_by("pk")] == [1, 2]
    assert latest()["verdicts"][0] == {"value": "fine", "label": "Very fine", "tone": "good"}

    third = {"label": "Third", "tone": "mixed"}
    lead.post(url, fields([{**saved[0], "DELETE": "on"}, saved[1], third]))
    assert [each["label"] for each in latest()["verdicts"]] == ["Not fine", "Third"]


@pytest.mark.parametrize(
    ("question", "kept", "shown"),
    [
        (
            {
                "kind": "scale",
                "scale_from": 1,
                "scale_to": 4,
                "bad_up_to": 2,
                "reasons": "Blurred\n\nCut off",
            },
            {"choices": ["1", "4"], "bad_choices": ["1", "2"], "reasons": ["Blurred", "Cut off"]},
            ('name="questions-0-scale_to" value="4"', 'name="questions-0-bad_up_to" value="2"'),
        ),
        (
            {"kind": "yes_no", "bad_answer": "no", "choices": "left over"},
            {"choices": [], "bad_choices": ["no"], "reasons": []},
            ('<option value="no" selected>',),
        ),
        (
            {"kind": "text", "bad_answer": "no", "reasons": "left over"},
            {"choices": [], "bad_choices": [], "reasons": []},
            ('<option value="text" selected>',),
        ),
    ],
)
def test_a_question_keeps_the_fields_of_its_kind_and_shows_them_again(
    lead: Client, question: Row, kept: Row, shown: Sequence[str]
) -> None:
    assert lead.post(ADD, fields(questions=[{"label": "How?", **question}])).status_code == 302

    found = latest()["questions"][0]
    assert {name: found[name] for name in kept} == kept
    page = text_of(
        lead.get(reverse("admin:vision_chat_rubric_change", args=[Rubric.objects.get(name="Quality").pk]))
    )
    assert [part for part in shown if part not in page] == []


WRONG = [
    (fields(TWO[:1]), "Add at least two verdicts"),
    (fields([{"label": f"V{n}", "tone": "good"} for n in range(10)]), "at most nine verdicts"),
    (fields([*TWO, {"label": "fine", "tone": "bad"}]), "Two verdicts have this name."),
    (
        fields([{**each, "value": "same"} for each in TWO]),
        "Two of these have the same name in exports.",
    ),
    (fields(questions=[{**CHOICE, "choices": "Photo"}]), "Give at least two choices"),
    (fields(questions=[{**CHOICE, "choices": "Photo\nPhoto"}]), "A choice stands here twice."),
    (fields(questions=[{**CHOICE, "bad_choices": "Film"}]), "“Film” is not one of the choices."),
    (
        fields(questions=[{"label": "How?", "kind": "scale", "scale_from": 5, "scale_to": 1}]),
        "A scale goes up",
    ),
    (fields(questions=[{"label": "How?", "kind": "scale"}]), "Say where the scale begins and ends"),
    (
        fields(questions=[{"label": "H", "kind": "scale", "scale_from": 1, "scale_to": 5, "bad_up_to": 5}]),
        "lies outside the scale",
    ),
]


@pytest.mark.parametrize(("given", "sentence"), WRONG)
def test_what_is_wrong_is_said_in_a_sentence_before_and_when_one_saves(
    lead: Client, given: dict[str, Any], sentence: str
) -> None:
    assert sentence in text_of(lead.post(PREVIEW, given))
    assert sentence in text_of(lead.post(ADD, given))
    assert not Rubric.objects.filter(name="Quality").exists()


def test_the_preview_is_the_form_as_reviewers_see_it_and_saves_nothing(lead: Client) -> None:
    question = {**CHOICE, "bad_choices": "Drawing", "reasons": "Not asked for", "policy": "*Any* picture"}
    page = text_of(lead.post(PREVIEW, fields(questions=[question], policy="# Look twice")))

    for part in ("Fine", "Not fine", "What kind?", "Drawing", "Not asked for", "<em>Any</em>"):
        assert part in page
    assert "data-problems" not in page
    assert not Rubric.objects.filter(name="Quality").exists()


def test_a_rubric_in_use_cannot_be_deleted_and_says_why(chief_client: Client, owner: User) -> None:
    default = RubricVersion.objects.default().rubric
    used = review_factories.queue("Bad answers").rubric
    judged = review_factories.rubric("Judged")
    factory = review_factories.item(review_factories.queue("Old", default), owner)
    assert factory.conversation is not None
    Review.objects.create(
        conversation=factory.conversation, verdict="good", rubric_version=judged.versions.get()
    )

    def delete(rubric: Rubric) -> str:
        url = reverse("admin:vision_chat_rubric_delete", args=[rubric.pk])
        return text_of(chief_client.post(url, {"post": "yes"}, follow=True))

    assert "is the rubric of reviews outside queues" in delete(default)
    assert "is in use by: Bad answers. Give these queues another rubric first." in delete(used)
    assert "has been judged by" in delete(judged)
    unused = review_factories.rubric("Unused")
    assert "was deleted" in delete(unused)
    assert set(Rubric.objects.all()) == {default, used, judged}


def test_versions_say_how_often_they_were_judged_by_and_where_the_rubric_is_used(
    lead: Client, owner: User
) -> None:
    queue = review_factories.queue("Bad answers")
    item = review_factories.item(queue, owner)
    assert item.conversation is not None
    version = queue.rubric.versions.get()
    Review.objects.create(conversation=item.conversation, verdict="good", rubric_version=version)

    page = text_of(lead.get(reverse("admin:vision_chat_rubric_change", args=[queue.rubric_id])))
    assert 'data-label="Reviews by it">1<' in page
    assert "Bad answers" in page


def test_reviewers_see_no_rubric(db: None) -> None:
    client = signed_in(in_group("rita", "Reviewers"))

    assert [client.get(url).status_code for url in (LIST, ADD)] == [403, 403]
    assert client.post(PREVIEW, fields()).status_code == 403
