"""Items of a queue, and their assignments to reviewers."""

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, Group
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vision_chat.models.conversation import Conversation
from vision_chat.models.message import Message
from vision_chat.models.queue import Queue, QueueVersion, Rule

MAX_SKIP_REASON_LENGTH = 300

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class RealItemManager(models.Manager["ReviewItem"]):
    """Finds real items alone: a gold one is no work to be done, and nothing that counts has it."""

    def get_queryset(self) -> "models.QuerySet[ReviewItem]":
        return super().get_queryset().filter(gold_of=None)


class ReviewItem(models.Model):
    """A conversation up to `through_message_id`, or one answer of it, that waits to be reviewed in a queue.

    It outlives its conversation, without a word of it: `conversation` is empty then, and the item closed.
    A gold item is a second row about the same: it is handed out to learn how well somebody judges.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        IN_REVIEW = "in_review", _("in review")
        DONE = "done", _("done")
        AWAITING_RESOLUTION = "disputed", _("awaiting resolution")
        RESOLVED = "resolved", _("resolved")
        CLOSED = "closed", _("closed")

    class ClosedFor(models.TextChoices):
        DELETED = "deleted", _("deleted by its owner")
        BY_HAND = "by_hand", _("closed by hand")
        SEALED = "sealed", _("sealed by its owner")

    queue = models.ForeignKey(Queue, verbose_name=_("queue"), on_delete=models.CASCADE, related_name="items")
    version = models.ForeignKey(
        QueueVersion,
        verbose_name=_("version of the queue"),
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("That of when it was first handed out."),
    )
    conversation = models.ForeignKey(
        Conversation,
        verbose_name=_("conversation"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="review_items",
    )
    message = models.ForeignKey(
        Message,
        verbose_name=_("answer"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Where single answers are reviewed."),
    )
    through_message_id = models.PositiveBigIntegerField(
        _("last message"), help_text=_("Messages with higher numbers came later; a new item has them.")
    )
    rule = models.ForeignKey(
        Rule, verbose_name=_("found by"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    closed_for = models.CharField(_("closed because"), max_length=8, choices=ClosedFor, blank=True)
    reviewers_wanted = models.PositiveSmallIntegerField(_("reviewers"), default=1)
    assigned_person: "models.ForeignKey[User | None, User | None]" = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("for this person"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    assigned_group = models.ForeignKey(
        Group,
        verbose_name=_("for this group"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    is_flagged = models.BooleanField(_("flagged"), default=False)
    gold_of: "models.OneToOneField[ReviewItem | None, ReviewItem | None]" = models.OneToOneField(
        "self",
        verbose_name=_("gold item of"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="gold",
    )
    created_at = models.DateTimeField(_("added"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    objects = RealItemManager()
    every = models.Manager["ReviewItem"]()

    class Meta:
        verbose_name = _("review item")
        verbose_name_plural = _("review items")
        default_permissions = ("view",)
        permissions = [
            ("work_reviewitem", "Can review items that are handed out"),
            ("resolve_reviewitem", "Can decide disagreements of reviewers"),
            ("assign_reviewitem", "Can assign and close items"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "conversation", "through_message_id"],
                condition=models.Q(message=None, gold_of=None),
                name="conversation_once_per_queue",
            ),
            models.UniqueConstraint(
                fields=["queue", "message"], condition=models.Q(gold_of=None), name="answer_once_per_queue"
            ),
        ]
        indexes = [models.Index(fields=["queue", "state", "id"], name="items_by_state")]

    def __str__(self) -> str:
        return f"{self.queue_id}: {self.pk}"

    @property
    def is_gold(self) -> bool:
        return self.gold_of_id is not None

    def is_worked_on_by(self, person_id: int) -> bool:
        """Tell whether the queue is open, and this person works on it or is to do the item by name."""
        if self.assigned_person_id == person_id:
            return Queue.objects.filter(pk=self.queue_id, is_open=True).exists()
        return Queue.objects.worked_on_by(person_id).filter(pk=self.queue_id).exists()


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def open_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return those whose conversations the reviewer may read: what they work on, and what they have done.

        Of what is done they read only as far as the item goes, see `Message.objects.reviewable_by`.
        """
        is_done = models.Q(state=Assignment.State.DONE)
        return self.filter(_in_work_of(user) | is_done, reviewer=user.pk)

    def in_work_of(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return those that the reviewer works on, as long as the queue is open, and theirs or the item is.

        One whose lease has run out counts until the item is in other hands, so that nothing typed is lost.
        """
        return self.filter(_in_work_of(user), reviewer=user.pk)

    def done_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return those that the reviewer has done."""
        return self.filter(reviewer=user.pk, state=Assignment.State.DONE)


def _in_work_of(user: AbstractBaseUser | AnonymousUser) -> models.Q:
    is_theirs = models.Q(item__queue__in=Queue.objects.worked_on_by(user.pk).values("pk"))
    is_theirs |= models.Q(item__assigned_person=user.pk, item__queue__is_open=True)
    return is_theirs & models.Q(state=Assignment.State.ACTIVE)


class Assignment(models.Model):
    """An item in the hands of a reviewer, or what became of it there. A person gets an item once.

    Whoever sends `token` holds the lease. `draft` is what they have not handed in yet.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("in review")
        DONE = "done", _("done")
        SKIPPED = "skipped", _("skipped")
        EXPIRED = "expired", _("given back")
        WITHDRAWN = "withdrawn", _("withdrawn")

    item = models.ForeignKey(
        ReviewItem, verbose_name=_("item"), on_delete=models.CASCADE, related_name="assignments"
    )
    reviewer: "models.ForeignKey[User, User]" = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("reviewer"), on_delete=models.CASCADE, related_name="+"
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.ACTIVE)
    token = models.UUIDField(_("token"), default=uuid.uuid4, editable=False)
    expires_at = models.DateTimeField(_("held until"))
    skip_reason = models.CharField(_("reason"), max_length=MAX_SKIP_REASON_LENGTH, blank=True)
    draft = models.JSONField(_("draft"), default=dict, blank=True)
    draft_number = models.PositiveIntegerField(_("number of the draft"), default=0)
    began_at = models.DateTimeField(_("begun"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["item", "reviewer"], name="item_once_per_reviewer")]
        indexes = [models.Index(fields=["reviewer", "state"], name="assignments_of_reviewer")]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.reviewer_id}"
