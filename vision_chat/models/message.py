"""Messages: a tree of rows, so that a regenerated answer is a new branch and nothing is overwritten."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vision_chat.models import branches
from vision_chat.models.conversation import Conversation, is_reviewer, unsealed_for
from vision_chat.models.generation import Generation
from vision_chat.services.thoughts.division import Part, ReplySoFar

if TYPE_CHECKING:
    from vision_chat.models.image import UploadedImage


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return the messages of the person's own conversations."""
        return self.filter(conversation__in=Conversation.objects.visible_to(user))

    def sent(self) -> Self:
        """Return the messages that are part of a conversation, on all its branches.

        Those that wait for a reply to end, and those that were deleted, are not. Prompts, pages, searches,
        figures and exports of a conversation start here.
        """
        return self.filter(state=Message.State.SENT, deleted_at=None)

    def reviewable_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return the messages that `user` may read now as a reviewer: all of some conversations.

        Of a conversation that they have judged these are the ones up to the last one of the item.
        """
        return self.filter(reviewable(user))

    def branch_to(self, leaf_id: int | None, most: int | None = None) -> Self:
        """Return the messages of the branch that ends with this one, oldest first; the last `most` of it.

        Only their own rows are read, whatever else the conversation has.
        """
        if leaf_id is None:
            return self.none()
        ids = branches.ids_up_from(leaf_id, most)
        return self.filter(pk__in=ids).order_by("pk")  # a message is newer than the one that it follows

    def below(self, message_id: int) -> Self:
        """Return this message and all that follow it, on all branches, oldest first."""
        return self.filter(pk__in=branches.ids_down_from(message_id)).order_by("pk")

    def siblings_of(self, message_ids: Collection[int]) -> dict[int, branches.Siblings]:
        """Return the place of each message among its siblings, where it has any. One query for all."""
        return branches.siblings_of(message_ids)

    def waiting_for(self, reply_id: int | models.OuterRef | None) -> Self:
        """Return the message that waits for this reply to end, if any, with all that a page shows of it."""
        waiting = self.filter(state=Message.State.WAITING, parent=reply_id, deleted_at=None)
        waiting = waiting.select_related("waiting")
        return waiting.with_details().prefetch_related("parent__generations")

    def with_details(self, *, with_requests: bool = False) -> Self:
        """Prefetch images, their regions and generations, in three more queries for however many messages.

        The records of requests come `with_requests` alone: they grow with the conversation, and pages show
        their summaries. Images and completions are joined: looked up by themselves they are a condition
        each, of which SQLite takes fewer than 1,000.
        """
        attachments = apps.get_model("vision_chat", "MessageImage").objects.with_image_and_regions()
        generations = Generation.objects.for_pages(with_requests=with_requests)
        return self.prefetch_related(
            models.Prefetch("attachments", attachments), models.Prefetch("generations", generations)
        )


def reviewable(user: AbstractBaseUser | AnonymousUser, at: str = "") -> models.Q:
    """Return the condition of `reviewable_by`, also for rows from which `at` leads to the message."""
    found = models.Q(**{f"{at}conversation__in": Conversation.objects.reviewable_whole_by(user)})
    if not is_reviewer(user):
        return found
    judged = apps.get_model("vision_chat", "Assignment").objects.done_by(user)
    through = judged.filter(
        item__conversation=models.OuterRef(f"{at}conversation"),
        item__through_message_id__gte=models.OuterRef(f"{at}pk"),
    )
    is_there = models.Q(models.Exists(through), **{f"{at}conversation__deleted_at": None})
    return found | (is_there & unsealed_for(user, f"{at}conversation__"))


def parts_of(text: str, generations: Sequence[tuple[int, str]]) -> list[Part]:
    """Divide a reply's text by its generations in their order: where each starts, and what it thought.

    Without any it is one part, without thoughts. A heading above the first one is a part too.
    """
    if not generations:
        return [Part(text)]
    starts = [start for start, _ in generations]
    parts = [
        Part(text[start:end], thoughts)
        for (start, thoughts), end in zip(generations, [*starts[1:], None], strict=True)
    ]
    return [Part(text[: starts[0]]), *parts] if starts[0] else parts


class Message(models.Model):
    """A person's question or a reply. Messages with the same parent are siblings, on different branches.

    `shown_child` is the one of those below it that was shown last; `deleted_at` is one moment for all that
    was deleted together, which is a message with all that follows it.

    A question that is asked while a reply runs waits for its end: `parent` is that reply, and `waiting` holds
    what is needed to send it. No message follows it, and it is no leaf.
    """

    class Role(models.TextChoices):
        USER = "user", _("user")
        ASSISTANT = "assistant", _("assistant")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")

    conversation = models.ForeignKey(
        Conversation, verbose_name=_("conversation"), on_delete=models.CASCADE, related_name="messages"
    )
    parent = models.ForeignKey(
        "self", verbose_name=_("parent"), null=True, on_delete=models.CASCADE, related_name="children"
    )
    role = models.CharField(_("role"), max_length=9, choices=Role)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.SENT)
    text = models.TextField(_("text"), blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    client_id = models.UUIDField(_("client id"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    shown_child = models.ForeignKey(
        "self",
        verbose_name=_("message shown after this one"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)
    deleted_images = models.PositiveSmallIntegerField(
        _("deleted pictures"),
        default=0,
        editable=False,
        help_text=_("Number of those that it showed, and that their owner has deleted."),
    )
    has_canvas = models.BooleanField(
        _("canvas"),
        default=True,
        help_text=_("Its pictures become one, where the model takes one picture at a time."),
    )
    earlier_images = models.JSONField(
        _("earlier pictures"),
        default=dict,
        blank=True,
        help_text=_("By id: whether it goes with this question, where not the rule decides."),
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            # a page sends a submit again after a lost connection, which must not make a second turn
            models.UniqueConstraint(fields=["author", "client_id"], name="one_turn_per_client_id"),
            models.UniqueConstraint(
                fields=["parent"],
                condition=models.Q(state="waiting"),
                name="one_waiting_message_per_reply",
            ),
        ]
        # siblings: also those of a first question, which has no parent
        indexes = [models.Index(fields=["conversation", "parent"], name="message_siblings")]

    def __str__(self) -> str:
        return f"{self.role}: {self.text[:60]}"

    @property
    def attached_images(self) -> "list[UploadedImage]":
        """Return the message's images in their order, from the prefetched attachments."""
        return [attachment.image for attachment in self.attachments.all()]

    def parts(self, written: ReplySoFar | None = None) -> list[Part]:
        """Return what each generation of a reply has written.

        `written` is what a running reply consists of, which is newer than its rows, or older where it is what
        the reply began with: generations that start beyond it are left out.
        """
        text = self.text if written is None else written.text
        generations = sorted(self.generations.all(), key=lambda generation: generation.pk)
        if written is not None:
            generations = [each for each in generations if each.starts_at <= len(text)]
        parts = parts_of(text, [(generation.starts_at, generation.thoughts) for generation in generations])
        if written is not None:
            parts[-1] = Part(parts[-1].text, written.thoughts)
        return parts

    @property
    def length(self) -> int:
        """Return the number of characters that have come, of text and thoughts."""
        return len(self.text) + sum(len(generation.thoughts) for generation in self.generations.all())

    @property
    def thinking_ms(self) -> int:
        """Return the time of thinking of all generations that are known to have thought."""
        return sum(generation.thinking_ms or 0 for generation in self.generations.all())

    @property
    def generation(self) -> Generation | None:
        """Return the latest generation of a reply; None for a person's message."""
        return max(self.generations.all(), key=lambda generation: generation.pk, default=None)
