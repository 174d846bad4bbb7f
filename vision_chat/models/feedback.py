"""Feedback of the people who chat: marks on answers, and reports of conversations. Never a review."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vision_chat.models.conversation import Conversation
from vision_chat.models.message import Message

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MAX_COMMENT_LENGTH = 2000


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def given_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return the person's own feedback. Every read for a person starts here."""
        return self.filter(person=user.pk) if user.is_authenticated else self.none()

    def marks_of(
        self, user: AbstractBaseUser | AnonymousUser, message_ids: Collection[int]
    ) -> dict[int, str]:
        """Return the person's marks by the ids of the replies, in one query for all."""
        if not message_ids:
            return {}
        given = self.given_by(user).filter(message__in=message_ids)
        return dict(given.values_list("message_id", "mark"))


class Feedback(models.Model):
    """What a person thinks of a reply: one row a person and reply, which they may change or take back."""

    class Mark(models.TextChoices):
        GOOD = "good", _("good answer")
        BAD = "bad", _("bad answer")

    class Reason(models.TextChoices):
        WRONG = "wrong", _("Not correct")
        PICTURE = "picture", _("Misread the picture")
        INCOMPLETE = "incomplete", _("Something is missing")
        REFUSED = "refused", _("Refused without need")
        UNSAFE = "unsafe", _("Harmful or offensive")
        STYLE = "style", _("Hard to read")
        OTHER = "other", _("Something else")

    person: "models.ForeignKey[User, User]" = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+"
    )
    message = models.ForeignKey(
        Message, verbose_name=_("reply"), on_delete=models.CASCADE, related_name="feedback"
    )
    mark = models.CharField(_("mark"), max_length=4, choices=Mark)
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    comment = models.TextField(_("comment"), blank=True, max_length=MAX_COMMENT_LENGTH)
    created_at = models.DateTimeField(_("given"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["message", "person"], name="one_feedback_per_person_and_reply")
        ]
        indexes = [models.Index(fields=["mark", "-changed_at"], name="feedback_by_mark")]

    def __str__(self) -> str:
        return f"{self.mark}: {self.message_id}"

    @property
    def shown_reasons(self) -> list[str]:
        """Return its reasons. A good mark keeps those of the bad one that it was, and shows none."""
        return self.reasons if self.mark == self.Mark.BAD else []

    @property
    def shown_comment(self) -> str:
        """Return its comment, which a good mark keeps as it does reasons."""
        return self.comment if self.mark == self.Mark.BAD else ""

    @property
    def reason_labels(self) -> list[str]:
        """Return the names of its reasons."""
        labels = {reason.value: str(reason.label) for reason in self.Reason}
        return [labels.get(reason, reason) for reason in self.shown_reasons]


class Report(models.Model):
    """A person's request that somebody look at a conversation."""

    class Reason(models.TextChoices):
        HARMFUL = "harmful", _("Harmful or dangerous")
        OFFENSIVE = "offensive", _("Offensive or hateful")
        PRIVATE = "private", _("Shows private data")
        BROKEN = "broken", _("Does not work as it should")
        OTHER = "other", _("Something else")

    person: "models.ForeignKey[User, User]" = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+"
    )
    conversation = models.ForeignKey(
        Conversation, verbose_name=_("conversation"), on_delete=models.CASCADE, related_name="reports"
    )
    reason = models.CharField(_("reason"), max_length=9, choices=Reason)
    comment = models.TextField(_("comment"), blank=True, max_length=MAX_COMMENT_LENGTH)
    created_at = models.DateTimeField(_("given"), default=timezone.now)
    handled_at = models.DateTimeField(_("looked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        default_permissions = ()
        constraints = [
            # a second report of the same conversation changes the first one until somebody has looked at it
            models.UniqueConstraint(
                fields=["conversation", "person"],
                condition=models.Q(handled_at=None),
                name="one_open_report_per_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reason}: {self.conversation_id}"
