from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.support import factories, review_factories
from tests.support.people import signed_in, staff
from vision_chat.models import Completion, Conversation, Message, Preferences, Review
from vision_chat.models.generation import Status
from vision_chat.services.presentation.messages import MessageView
from vision_chat.services.review_queues import resolutions, verdicts
from vision_chat.services.reviews.saving import save_review

pytestmark = pytest.mark.usefixtures("reading_without_reasons")


def address(conversation: Conversation) -> str:
    return reverse("admin:vision_chat_conversation_change", args=[conversation.pk])


def page(client: Client, conversation: Conversation) -> str:
    response = client.get(address(conversation))
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def stairs(owner: User) -> Conversation:
    stairs = factories.conversation(owner)
    factories.turn(stairs, text="How many **steps**?", answer="About **twenty**.")
    return stairs


def test_the_transcript_is_what_the_owner_sees_without_buttons(
    chief_client: Client, stairs: Conversation, owner: User
) -> None:
    answer = stairs.leaf
    assert answer
    assert answer.parent
    factories.attach(answer.parent, factories.image(owner))

    text = page(chief_client, stairs)

    for message in (answer.parent, answer):
        context = {"message": MessageView.of_row(message), "read_only": True}
        assert render_to_string("_message.html", context) in text
    assert "<strong>twenty</strong>" in text
    assert "reply-actions" not in text


def test_a_reviewer_sees_the_thoughts_and_the_text_as_it_came(chief_client: Client, owner: User) -> None:
    stairs = factories.conversation(owner)
    factories.turn(stairs, answer="<think>I look.</think>Twenty.<|im_end|>")

    text = page(chief_client, stairs)

    assert "<p>I look.</p>" in text
    assert "&lt;think&gt;I look.&lt;/think&gt;Twenty.&lt;|im_end|&gt;" in text


def test_images_lead_to_their_originals_which_a_reader_may_open(
    reader: User, stairs: Conversation, owner: User
) -> None:
    image = factories.image(owner)
    assert stairs.leaf
    factories.attach(stairs.leaf, image)
    client = signed_in(reader)

    original = reverse("image", args=[image.pk, "original"])

    assert f'href="{original}"' in page(client, stairs)
    assert client.get(original).content == b"bytes"


BOX = '{"bbox_2d": [100, 200, 300, 400], "label": "kettle"}'


def pointing(owner: User, **values: Any) -> Message:
    """An answer that points at a place in a picture."""
    record = [{"image_id": str(factories.image(owner).pk), "recipe": "v1", "width": 1000, "height": 500}]
    values = {"model_name": "qwen3-vl", "request": [{"role": "user", "images": record}]} | values
    return factories.turn(factories.conversation(owner), answer=BOX, **values)


def places(client: Client, message: Message) -> Any:
    return client.get(reverse("admin:vision_chat_conversation_places", args=[message.pk]))


def test_places_are_shown_to_those_who_may_see_the_pictures(
    reader: User, owner: User, stranger: User
) -> None:
    message = pointing(owner)
    response = places(signed_in(reader), message)
    text = response.content.decode()
    assert response.status_code == 200
    assert 'data-x="0.100000"' in text
    assert "kettle" in text
    assert not any(word in text for word in ("place.ask", "places.choose", "download"))
    assert "<answer-places>" in page(signed_in(reader), message.conversation)
    for other in (owner, stranger, staff("clerk", "view_review")):
        assert places(signed_in(other), message).status_code in (302, 403)
    message.conversation.deleted_at = timezone.now()
    message.conversation.save()
    assert places(signed_in(reader), message).status_code == 404


def test_places_are_read_as_their_owner_reads_them_and_what_is_unanswered_is_said(
    reader: User, owner: User
) -> None:
    message = pointing(owner, model_name="some/model")
    text = places(signed_in(reader), message).content.decode()
    assert "data-place\n" not in text
    assert "what their numbers mean was not said" in text
    Preferences.objects.create(person=reader, frames={"some/model": "thousandths"})
    assert "was not said" in places(signed_in(reader), message).content.decode()
    Preferences.objects.create(person=owner, frames={"some/model": "pixels"})
    assert 'data-y="0.400000"' in places(signed_in(reader), message).content.decode()


def test_an_answer_without_places_has_none_for_a_reviewer(reader: User, stairs: Conversation) -> None:
    assert stairs.leaf
    assert places(signed_in(reader), stairs.leaf).status_code == 204


def test_hostile_texts_stay_text(chief_client: Client, owner: User) -> None:
    attack = "</template><script>alert(1)</script><img src=x onerror=alert(1)>"
    stairs = factories.conversation(owner, title=attack)
    factories.turn(stairs, text=attack, answer=attack, model_name=attack, status=Status.FAILED)
    factories.review(stairs, verdict=Review.Verdict.GOOD, note=attack)

    text = page(chief_client, stairs)

    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert text.count("</template>") == 2  # of the transcript, and of the sentences of scripts


def test_a_conversation_costs_the_same_queries_however_long_it_is(
    chief_client: Client, stairs: Conversation, owner: User
) -> None:
    def grow(times: int) -> None:
        for _ in range(times):
            factories.attach(factories.turn(stairs), factories.image(owner))
            save_review(Review(conversation=stairs, verdict=Review.Verdict.GOOD, author=owner))

    grow(1)
    page(chief_client, stairs)  # opened for the first time, which the audit log is told
    with CaptureQueriesContext(connection) as for_short:
        page(chief_client, stairs)
    grow(8)
    with CaptureQueriesContext(connection) as for_long:
        page(chief_client, stairs)

    assert len(for_long) == len(for_short)


def test_a_review_is_kept_with_its_author_and_time_and_shown(
    chief_client: Client, chief: User, stairs: Conversation
) -> None:
    url = address(stairs)

    response = chief_client.post(url, {"verdict": "flawed", "note": "It did <not> count."})

    assert (response.status_code, response.headers["Location"]) == (302, url)
    review = Review.objects.get()
    assert (review.conversation, review.author, review.verdict) == (stairs, chief, "flawed")
    assert (review.created_at - stairs.created_at).total_seconds() > 0
    text = page(chief_client, stairs)
    assert "Your review was saved." in text
    assert "It did &lt;not&gt; count." in text


def test_a_second_review_leaves_the_first_as_it_was(
    chief_client: Client, reader: User, stairs: Conversation
) -> None:
    first = factories.review(stairs, verdict="good", note="Right.", author=reader)

    chief_client.post(address(stairs), {"verdict": "harmful", "note": "On second thought."})

    assert [review.note for review in Review.objects.all()] == ["On second thought.", "Right."]
    text = page(chief_client, stairs)
    assert text.index("On second thought.") < text.index("Right.")
    assert "<bdi>reader</bdi>," in text
    first.refresh_from_db()
    assert (first.verdict, first.author) == ("good", reader)


def test_what_was_changed_withdrawn_and_decided_is_told_apart(chief_client: Client, owner: User) -> None:
    queue = review_factories.queue(reviewers_per_item=2)
    item = review_factories.item(queue, owner)
    for name, verdict in (("rita", "good"), ("rob", "harmful")):
        person = review_factories.reviewer(name)
        held = review_factories.handed_out(person, queue)
        review = verdicts.submit(held.pk, person, held.token, verdict, {})
        verdicts.change(review.pk, person, verdict, {}, f"By {name}")
    assert item.conversation
    resolutions.resolve(item.pk, review_factories.reviewer("lea"), "flawed", "Both are right")
    outside = factories.review(item.conversation, "good")
    Review.objects.filter(pk=outside.pk).update(is_current=False, withdrawn_at=timezone.now())

    text = " ".join(page(chief_client, item.conversation).split())

    part = text.partition('<ol class="records">')[2].partition("</ol>")[0]
    assert part.index("Decision") < part.index("Both are right") < part.index("withdrawn")
    assert part.count("changed later") == 2
    assert part.count("withdrawn") == 1
    assert part.count("data-past") == 3


def test_a_review_outlives_the_account_of_its_author(
    chief_client: Client, reader: User, stairs: Conversation
) -> None:
    factories.review(stairs, verdict="good", note="Right.", author=reader)
    reader.delete()

    assert "a deleted user" in page(chief_client, stairs)


def test_the_sentence_about_ones_own_review_is_not_about_that_of_another(
    chief_client: Client, reader: User, stairs: Conversation
) -> None:
    factories.review(stairs, verdict="harmful", author=reader)
    assert "You said" not in " ".join(page(chief_client, stairs).split())
    chief_client.post(address(stairs), {"verdict": "flawed"})
    save_review(Review(conversation=stairs, verdict="good", author=reader))

    assert "You said <strong>Flawed</strong> on" in " ".join(page(chief_client, stairs).split())


def test_only_a_review_that_was_saved_lets_the_browser_forget_its_draft(
    chief_client: Client, stairs: Conversation
) -> None:
    assert "reviewed" not in chief_client.post(address(stairs), {"note": "No verdict."}).cookies

    response = chief_client.post(address(stairs), {"verdict": "good"})

    assert response.cookies["reviewed"].value == str(stairs.pk)


@pytest.mark.parametrize("sent", [{}, {"note": "No verdict."}, {"verdict": "splendid"}], ids=str)
def test_a_review_without_a_verdict_is_not_kept(
    chief_client: Client, stairs: Conversation, sent: dict[str, Any]
) -> None:
    response = chief_client.post(address(stairs), sent)

    assert response.status_code == 200
    assert "verdict" in response.context["form"].errors
    assert not Review.objects.exists()


def test_a_note_that_is_too_long_comes_back_to_be_shortened(
    chief_client: Client, stairs: Conversation
) -> None:
    response = chief_client.post(address(stairs), {"verdict": "good", "note": "x" * 5001})

    assert "note" in response.context["form"].errors
    assert "x" * 5001 in response.content.decode()


def test_staff_that_may_only_read_see_no_review_form_and_cannot_post_one(
    reader: User, stairs: Conversation
) -> None:
    factories.review(stairs, verdict="good", note="Right.")
    client = signed_in(reader)

    text = page(client, stairs)

    assert "Right." in text
    assert "review-form" not in text
    assert client.post(address(stairs), {"verdict": "good"}).status_code == 403
    assert Review.objects.count() == 1


def test_staff_that_may_review_see_the_form(db: None, stairs: Conversation) -> None:
    client = signed_in(staff("judge", "view_conversation", "add_review"))

    assert "review-form" in page(client, stairs)
    assert client.post(address(stairs), {"verdict": "good"}).status_code == 302


def test_staff_without_the_permission_to_read_get_no_conversation(db: None, stairs: Conversation) -> None:
    client = signed_in(staff("clerk", "add_review"))

    assert client.get(address(stairs)).status_code == 403
    assert client.post(address(stairs), {"verdict": "good"}).status_code == 403


def test_the_administrator_reads_the_providers_words(chief_client: Client, stairs: Conversation) -> None:
    reply = factories.turn(
        stairs, answer="", status=Status.FAILED, error_code="completion.refused", error_detail="No <credits>."
    )
    Completion.objects.filter(generations__message=reply).update(request_id="b7e1.3.9f27c1aa")

    text = page(chief_client, stairs)

    assert "completion.refused" in text
    assert "<code>b7e1.3.9f27c1aa</code>" in text
    assert "No &lt;credits&gt;." in text


def test_a_review_stands_in_the_history_of_the_admin(chief_client: Client, stairs: Conversation) -> None:
    chief_client.post(address(stairs), {"verdict": "flawed"})

    history = chief_client.get(reverse("admin:vision_chat_conversation_history", args=[stairs.pk]))

    assert "Reviewed: Flawed." in history.content.decode()
