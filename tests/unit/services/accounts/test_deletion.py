import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client

from tests.support import factories, review_factories
from tests.support.deletions import delete, remove_closed
from tests.support.people import signed_in, staff
from tests.support.use_cases import RecordingRunner, ask, call
from vision_chat.errors.accounts import LastAdministratorError
from vision_chat.errors.reviews import AuditUnavailableError
from vision_chat.models import (
    AccountDeletion,
    AuditEntry,
    Conversation,
    Message,
    Preferences,
    Review,
    ReviewItem,
    UploadedImage,
)
from vision_chat.services.accounts import deletion
from vision_chat.services.conversations.delete import delete as delete_conversation
from vision_chat.services.conversations.purge import BATCH
from vision_chat.services.review_queues import filling, verdicts
from vision_chat.services.uploads.storage import OWNED_BATCH

pytestmark = pytest.mark.each_database


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_an_account_is_deleted_with_everything_that_is_its_owners(ann: User, stranger: User) -> None:
    sent, unsent, others = factories.image(ann), factories.image(ann), factories.image(stranger)
    paths = [factories.paths(image) for image in (sent, unsent, others)]
    factories.attach(factories.turn(factories.conversation(ann)), sent)
    hidden = factories.conversation(ann)
    factories.turn(hidden)
    call(ann, delete_conversation, hidden.pk)
    factories.turn(factories.conversation(stranger))
    Preferences.objects.create(person=ann, instructions="Be brief.")
    delete(ann)

    assert [any(path.exists() for path in files) for files in paths] == [False, False, True]
    assert list(User.objects.all()) == [stranger]
    assert {conversation.owner for conversation in Conversation.objects.all()} == {stranger}
    assert not Preferences.objects.exists()
    assert not AccountDeletion.objects.exists()


def test_a_closed_account_can_do_nothing_from_the_first_moment(ann: User, administrator: User) -> None:
    browser = signed_in(administrator)
    User.objects.create_superuser("second")
    assert is_signed_in(browser)
    deletion.begin(administrator)
    administrator.refresh_from_db()

    assert not is_signed_in(browser)
    assert not administrator.has_usable_password()
    assert (administrator.is_active, administrator.is_staff, administrator.is_superuser) == (False,) * 3


def test_delete_stops_the_replies_that_run(ann: User, stranger: User) -> None:
    mine, theirs, runner = ask(ann), ask(stranger), RecordingRunner()
    call(ann, deletion.delete, runner=runner)

    assert runner.stopped == [mine.reply.pk]
    assert theirs.reply.pk not in runner.stopped


def test_of_the_staff_the_log_has_who_deletes_their_own_account(ann: User) -> None:
    rita = staff("rita")
    for person in (ann, rita):
        call(person, deletion.delete)

    (entry,) = AuditEntry.objects.select_related("actor", "subject")
    assert (entry.action, str(entry.actor), str(entry.subject)) == ("deleted", "rita", "rita")


def test_without_the_log_nobody_of_the_staff_deletes_their_account(ann: User) -> None:
    rita = staff("rita")
    with factories.without_table("vision_chat_auditentry"), pytest.raises(AuditUnavailableError):
        call(rita, deletion.delete)
    rita.refresh_from_db()

    assert rita.is_active


def test_what_an_administrator_has_judged_stays_without_the_name(ann: User, administrator: User) -> None:
    User.objects.create_superuser("second")
    review = Review.objects.create(
        conversation=factories.conversation(ann), author=administrator, verdict="good", note="Right."
    )
    delete(administrator)
    review.refresh_from_db()

    assert (review.author, review.note) == (None, "Right.")


def test_verdicts_of_a_reviewer_stay_without_the_name_and_their_items_wait_for_somebody_else(
    ann: User,
) -> None:
    rita = review_factories.reviewer("rita")
    first = review_factories.item(review_factories.queue("First"), ann)
    conversation = first.conversation
    assert conversation
    second = filling.add(review_factories.queue("Second"), conversation)
    assert second
    for queue in (first.queue, second.queue):
        held = review_factories.handed_out(rita, queue)
        verdicts.submit(held.pk, rita, held.token, "good", {})
    Review.objects.create(conversation=conversation, author=rita, verdict="flawed")
    delete(rita)

    assert list(User.objects.all()) == [ann]
    kept = Review.objects.filter(author=None, assignment=None, is_current=True).order_by("pk")
    assert [review.verdict for review in kept] == ["good", "good", "flawed"]
    assert set(ReviewItem.objects.values_list("state", flat=True)) == {"waiting"}
    assert review_factories.handed_out(review_factories.reviewer("rob"), first.queue).item == first


def test_much_is_removed_in_batches(ann: User) -> None:
    for _ in range(OWNED_BATCH + 1):
        factories.image(ann)
    for _ in range(BATCH + 1):
        factories.conversation(ann)
    deletion.begin(ann)
    left = []
    while deletion.remove_batch():
        left.append((UploadedImage.objects.count(), Conversation.objects.count(), User.objects.count()))

    assert left == [(1, BATCH + 1, 1), (0, BATCH + 1, 1), (0, 1, 1), (0, 0, 1), (0, 0, 0)]


def test_a_deletion_goes_on_where_a_killed_server_left_it(ann: User) -> None:
    """Files were deleted, and their rows not yet: that is the order."""
    image = factories.image(ann)
    factories.attach(factories.turn(factories.conversation(ann)), image)
    deletion.begin(ann)
    for path in factories.paths(image):
        path.unlink()
    remove_closed()

    assert not User.objects.exists()
    assert not UploadedImage.objects.exists()


def test_what_a_request_added_meanwhile_is_removed_too(ann: User) -> None:
    factories.conversation(ann)
    deletion.begin(ann)
    assert deletion.remove_batch() == 1
    late = factories.image(ann)
    paths = factories.paths(late)
    factories.attach(factories.turn(factories.conversation(ann)), late)
    remove_closed()

    assert not Message.objects.exists()
    assert not any(path.exists() for path in paths)


def test_an_account_that_is_deleted_twice_is_deleted_once(ann: User) -> None:
    deletion.begin(ann)
    deletion.begin(ann)
    remove_closed()

    assert not User.objects.exists()


@pytest.mark.parametrize("others", ["nobody", "staff", "one who is not active"])
def test_the_last_administrator_cannot_be_deleted(administrator: User, others: str) -> None:
    if others == "staff":
        staff("clerk", "delete_user")
    elif others == "one who is not active":
        User.objects.create_superuser("gone", is_active=False)
    with pytest.raises(LastAdministratorError):
        deletion.begin(administrator)

    administrator.refresh_from_db()
    assert administrator.is_active
    assert administrator.has_usable_password()
    assert not AccountDeletion.objects.exists()


def test_an_administrator_beside_another_or_one_who_is_not_active_can_be_deleted(
    administrator: User,
) -> None:
    delete(User.objects.create_superuser("gone", is_active=False))
    second = User.objects.create_superuser("second")
    delete(administrator)

    assert list(User.objects.all()) == [second]


def test_of_administrators_who_delete_themselves_at_once_one_stays(transactional_db: None) -> None:
    people = [User.objects.create_superuser(f"chief{number}") for number in range(4)]
    outcomes = at_once([partial(deletion.begin, person) for person in people])

    assert sorted(outcomes) == ["LastAdministratorError", "done", "done", "done"]
    remove_closed()
    assert User.objects.get().is_superuser


def test_of_two_processes_each_batch_is_removed_by_one(ann: User) -> None:
    for _ in range(OWNED_BATCH + 5):
        factories.image(ann)
    deletion.begin(ann)
    outcomes = at_once([remove_closed, remove_closed])
    remove_closed()

    assert outcomes == ["done", "done"]
    assert not User.objects.exists()


def at_once(jobs: list[Callable[[], object]]) -> list[str]:
    """Run each on a thread and a connection of its own; "done", or the name of what it raised."""
    together, outcomes = threading.Barrier(len(jobs)), []

    def run(job: Callable[[], object]) -> None:
        together.wait()
        try:
            job()
        except Exception as error:  # noqa: BLE001 - named in the test
            outcomes.append(type(error).__name__)
        else:
            outcomes.append("done")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
