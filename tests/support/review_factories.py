"""Rubrics, queues and items as rows, and people who review."""

from typing import Any

from django.contrib.auth.models import Permission, User

from tests.support import factories
from tests.support.client import PASSWORD
from vision_chat.models import (
    Assignment,
    Completion,
    Conversation,
    Generation,
    Message,
    Queue,
    ReviewItem,
    Rubric,
    RubricQuestion,
    RubricVerdict,
)
from vision_chat.models.generation import Status
from vision_chat.services.review_queues import filling, handing_out, versions

VERDICTS = (("good", "Good", "good"), ("flawed", "Flawed", "mixed"), ("harmful", "Harmful", "bad"))


def reviewer(name: str, *more: str) -> User:
    """Somebody of the staff who may review; `more` are names of further permissions."""
    person = User.objects.create_user(name, password=PASSWORD, is_staff=True)
    names = ("work_reviewitem", *more)
    person.user_permissions.set(
        Permission.objects.filter(content_type__app_label="vision_chat", codename__in=names)
    )
    return person


def rubric(name: str = "Quality", *questions: dict[str, Any]) -> Rubric:
    """A rubric with three verdicts and these questions, in its first version."""
    made = Rubric.objects.create(name=name)
    RubricVerdict.objects.bulk_create(
        RubricVerdict(rubric=made, position=place, value=value, label=label, tone=tone)
        for place, (value, label, tone) in enumerate(VERDICTS)
    )
    RubricQuestion.objects.bulk_create(
        RubricQuestion(rubric=made, position=place, **{"label": values["key"], **values})
        for place, values in enumerate(questions)
    )
    versions.save_rubric_version(made)
    return made


def queue(name: str = "Answers", of: Rubric | None = None, **values: Any) -> Queue:
    """A queue in its first version; of a rubric without questions where none is given."""
    made = Queue.objects.create(name=name, rubric=of or rubric(f"Rubric of {name}"), **values)
    versions.save_queue_version(made)
    return made


def item(of: Queue, owner: User, title: str = "Stairs", **values: Any) -> ReviewItem:
    """An item of a conversation of one turn; `values` are its columns."""
    answer = factories.turn(factories.conversation(owner, title))
    message = answer if of.unit == Queue.Unit.ANSWER else None
    made = filling.add(of, answer.conversation, message)
    assert made is not None
    for name, value in values.items():
        setattr(made, name, value)
    made.save()
    return made


def items(of: Queue, owner: User, count: int) -> list[ReviewItem]:
    return [item(of, owner, f"Stairs {number}") for number in range(count)]


def handed_out(to: User, of: Queue) -> Assignment:
    """The next item in somebody's hand."""
    assignment = handing_out.next_item(to, of)
    assert isinstance(assignment, Assignment), assignment
    return assignment


def many_items(of: Queue, owner: User, count: int) -> list[ReviewItem]:
    """Items of conversations of one turn each, by a few statements."""
    inside = Conversation.objects.bulk_create(
        Conversation(owner=owner, title=f"Stairs {number}") for number in range(count)
    )
    questions = Message.objects.bulk_create(
        Message(conversation=each, role=Message.Role.USER, text="What is this?", author=owner)
        for each in inside
    )
    answers = Message.objects.bulk_create(
        Message(conversation=each.conversation, parent=each, role=Message.Role.ASSISTANT, text="A staircase.")
        for each in questions
    )
    completions = Completion.objects.bulk_create(
        Completion(conversation=each, person=owner, model_name=factories.MODEL) for each in inside
    )
    Generation.objects.bulk_create(
        Generation(message=answer, completion=completion, status=Status.COMPLETED, finish_reason="stop")
        for answer, completion in zip(answers, completions, strict=True)
    )
    for each, answer in zip(inside, answers, strict=True):
        each.leaf = answer
    Conversation.objects.bulk_update(inside, ["leaf"])
    version = versions.current(of)
    return ReviewItem.objects.bulk_create(
        ReviewItem(queue=of, version=version, conversation=each, through_message_id=answer.pk)
        for each, answer in zip(inside, answers, strict=True)
    )
