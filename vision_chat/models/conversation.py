"""Conversations: owner, title, and the leaf of the branch that is shown."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Self, TypeGuard

from django.apps import apps
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, PermissionsMixin, User
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vision_chat.models import permissions
from vision_chat.models.language_model import LanguageModel
from vision_chat.services.direction import isolated

UNDO_WINDOW = timedelta(minutes=5)
"""Time during which a deleted conversation can be restored; then it is purged with its images."""

ABANDONED_AFTER = timedelta(days=1)
"""Time after which a conversation that was never begun is purged with its settings."""

MAX_TITLE_LENGTH = 120


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return a person's own conversations, without deleted ones. Every read for a person starts here."""
        return self.owned_by(user).filter(deleted_at=None)

    def visible_to_any(self, people: Iterable[AbstractBaseUser]) -> Self:
        """Return what at least one of these people sees; who that is says `owner_id`."""
        return self.filter(owner__in=[person.pk for person in people], deleted_at=None)

    def owned_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return a person's own conversations, also deleted ones that may still be restored."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def reviewable_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return what `user` may read now as a reviewer. Every read of an item starts here.

        These are the conversations that are assigned to them or that they have judged, and for those who may
        view conversations their own and those for which they have given a reason; all of them where the site
        asks for none. Where it seals conversations, the owner must have consented as well. Deleted ones are
        never among them. Of what they have judged they read what they have
        judged by, and nothing that came later: `Message.objects.reviewable_by` knows which messages.
        """
        return self.filter(_may_read(user), deleted_at=None)

    def reviewable_whole_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return those of `reviewable_by` of which `user` may read also what comes later.

        What shows, searches, counts or exports whole conversations starts here.
        """
        return self.filter(_may_read_whole(user), deleted_at=None)

    def with_readability(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Annotate `is_readable`, as `reviewable_whole_by` says, and `shown_title`, empty where it is not.

        Of such a conversation `str` has no word. Lists are sorted by `shown_title`: a foreign title among
        one's own could be guessed from its place, letter by letter.
        """
        condition = _may_read_whole(user)
        if condition == EVERYTHING:  # then the index of titles sorts
            return self.annotate(is_readable=models.Value(value=True), shown_title=models.F("title"))
        readable = models.ExpressionWrapper(condition, output_field=models.BooleanField())
        return self.annotate(is_readable=readable).annotate(
            shown_title=models.Case(
                models.When(is_readable=True, then=models.F("title")), default=models.Value("")
            )
        )

    def unsealed(self) -> Self:
        """Return those that reviewers may read as far as their owners say: all where the site seals none."""
        return self.filter(unsealed())

    def beyond_undo(self) -> Self:
        """Return deleted conversations that can no longer be restored."""
        return self.filter(deleted_at__lt=timezone.now() - UNDO_WINDOW)

    def begun(self) -> Self:
        """Return those that have had a message. The others only keep settings for their first one.

        What lists, searches, counts or exports conversations starts from these.
        """
        return self.filter(is_begun=True)

    def abandoned(self) -> Self:
        """Return those that were never begun, and whose settings were last changed long ago."""
        return self.filter(is_begun=False, updated_at__lt=timezone.now() - ABANDONED_AFTER)

    def for_list(self) -> Self:
        """Read what an item of the list shows: title, whether a reply runs, and the first image.

        `is_running` and `shown_image_id` are annotations.
        """
        # few replies run at a time: they are looked up once, and not by the messages of each conversation
        running = apps.get_model("vision_chat", "Generation").objects.running()
        is_running = models.Q(pk__in=running.values("message__conversation"))
        images = apps.get_model("vision_chat", "MessageImage").objects
        of_conversation = images.filter(message__conversation=models.OuterRef("pk"), message__deleted_at=None)
        first_image = of_conversation.order_by("message", "position").values("image")[:1]
        return self.only("id", "title", "updated_at").annotate(
            is_running=models.ExpressionWrapper(is_running, output_field=models.BooleanField()),
            shown_image_id=models.Subquery(first_image, output_field=models.UUIDField()),
        )

    def latest_first(self) -> Self:
        return self.order_by("-updated_at", "-id")


EVERYTHING = ~models.Q(pk__in=[])
"""The condition that all rows meet."""


def unsealed(at: str = "pk") -> models.Q:
    """Return the condition of `ConversationQuerySet.unsealed`, also for rows with a conversation `at`."""
    if not settings.VISION_CHAT.seals_conversations:
        return EVERYTHING
    consents = apps.get_model("vision_chat", "ReadConsent").objects.to_reviewers()
    return models.Q(**{f"{at}__in": consents.values("conversation")})


def unsealed_for(user: AbstractBaseUser | AnonymousUser, at: str = "") -> models.Q:
    """Return the condition that the owner lets `user` read; `at` leads from the row to the conversation.

    It is no right to read, which takes a reason or an assignment as well.
    """
    if not settings.VISION_CHAT.seals_conversations:
        return EVERYTHING
    consents = apps.get_model("vision_chat", "ReadConsent").objects.current(user)
    is_own = models.Q(**{f"{at}owner": user.pk})
    return is_own | models.Q(**{f"{at}pk__in": consents.values("conversation")})


def _may_read(user: AbstractBaseUser | AnonymousUser) -> models.Q:
    """Return the condition of `reviewable_by`."""
    found = _by_right(user)
    if found != EVERYTHING and is_reviewer(user):
        done = apps.get_model("vision_chat", "Assignment").objects.done_by(user)
        found |= models.Q(pk__in=done.values("item__conversation"))
    return _and(found, unsealed_for(user))


def _may_read_whole(user: AbstractBaseUser | AnonymousUser) -> models.Q:
    """Return the condition of `reviewable_whole_by`."""
    return _and(_by_right(user), unsealed_for(user))


def _and(right: models.Q, consent: models.Q) -> models.Q:
    return right if consent == EVERYTHING else right & consent


def _by_right(user: AbstractBaseUser | AnonymousUser) -> models.Q:
    """Return the condition that `user` has the right to read it whole, whatever its owner says."""
    found = models.Q(pk__in=[])
    if not _is_staff(user):
        return found
    if user.has_perm(permissions.VIEW_CONVERSATIONS):
        if not settings.VISION_CHAT.reading_needs_reason:
            return EVERYTHING
        grants = apps.get_model("vision_chat", "ReadGrant").objects.current(user)
        found |= models.Q(owner=user.pk) | models.Q(pk__in=grants.values("conversation"))
    if is_reviewer(user):
        assignments = apps.get_model("vision_chat", "Assignment").objects.in_work_of(user)
        found |= models.Q(pk__in=assignments.values("item__conversation"))
    return found


def is_reviewer(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether `user` may review what is handed out to them."""
    return _is_staff(user) and user.has_perm(permissions.WORK_ITEMS)


def _is_staff(user: AbstractBaseUser | AnonymousUser) -> TypeGuard[User]:
    return isinstance(user, PermissionsMixin) and user.is_active and getattr(user, "is_staff", False)


class Conversation(models.Model):
    """A person's conversation. `leaf` is the last message of the branch that is shown, if it has any."""

    if TYPE_CHECKING:  # annotations of `for_list`
        is_running: bool
        shown_image_id: uuid.UUID | None

    is_readable: bool = True
    """Annotation of `with_readability`: False where its title is hidden from who reads the row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.CASCADE,
        related_name="conversations",
    )
    title = models.CharField(_("title"), max_length=MAX_TITLE_LENGTH, blank=True)
    leaf = models.ForeignKey(
        "Message", verbose_name=_("last message"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    system_prompt = models.TextField(
        _("instructions"),
        blank=True,
        default="",
        help_text=_("Its owner’s default instructions at its first turn, sent after the site’s."),
    )
    language_model = models.ForeignKey(
        LanguageModel,
        verbose_name=_("model"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("That of the next turn. Empty: the default."),
    )
    parameters = models.JSONField(
        _("parameters"),
        default=dict,
        blank=True,
        help_text=_("Those of the next turn that are not left to the defaults."),
    )
    tree_revision = models.PositiveIntegerField(
        _("revision of its branches"),
        default=0,
        editable=False,
        help_text=_("Raised where pages must fetch themselves again, such as for another sibling."),
    )
    is_begun = models.BooleanField(
        _("begun"),
        default=True,
        editable=False,
        help_text=_("False while it has settings alone, before its first message."),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("last activity"), default=timezone.now)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        indexes = [
            models.Index(fields=["owner", "-updated_at"], name="conversation_by_activity"),
            # of those that are deleted: SQLite would think that few are not, and read all of these by it
            models.Index(
                fields=["deleted_at"],
                condition=models.Q(deleted_at__isnull=False),
                name="conversation_by_deletion",
            ),
            models.Index(fields=["title", "id"], name="conversation_by_title"),
        ]

    def __str__(self) -> str:
        """Return its title for the sentences of the admin; no word of it where it may not be read."""
        if not self.is_readable:
            return self.short_name
        return isolated(self.title) or str(_("Untitled conversation"))

    @property
    def short_name(self) -> str:
        """Return a name without a word of the conversation."""
        return gettext("Conversation %(id)s") % {"id": str(self.pk)[:8]}

    @property
    def updated_stamp(self) -> str:
        """Return the sort key of the sidebar: seconds since 1970, to the microsecond."""
        return f"{self.updated_at.timestamp():.6f}"
