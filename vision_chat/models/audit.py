"""The audit log: who has read, exported, judged, deleted or allowed something, as a chain of entries.

Entries hold no text of conversations, no titles and no file names. `services/audit` writes and verifies them.
"""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class AuditName(models.Model):
    """A person as the log knows them. The name goes with the account, and the chain stays whole.

    The key is the number of the account: so the chain covers who it was, also when the account is gone.
    """

    number = models.BigIntegerField(_("number of the account"), primary_key=True)
    person: "models.OneToOneField[User | None, User | None]" = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    name = models.CharField(_("name"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("name in the audit log")
        verbose_name_plural = _("names in the audit log")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name or str(_("a deleted person"))


class AuditEntry(models.Model):
    """One link of the chain. Database triggers refuse to change or remove a row."""

    class Action(models.TextChoices):
        GRANTED = "granted", _("gave a reason to read")
        OPENED = "opened", _("opened a conversation")
        ASKED = "asked", _("asked to read")
        CONSENTED = "consented", _("allowed reading")
        REFUSED = "refused", _("refused reading")
        TOOK_BACK = "took_back", _("ended reading")
        EXPORTED = "exported", _("exported")
        REVIEWED = "reviewed", _("gave a verdict")
        WITHDREW = "withdrew", _("withdrew a verdict")
        RESOLVED = "resolved", _("decided a disagreement")
        ASSIGNED = "assigned", _("assigned an item")
        DELETED = "deleted", _("deleted")
        RIGHTS = "rights", _("changed rights")
        SETTINGS = "settings", _("changed a queue or a rubric")
        SEALED = "sealed", _("archived the log up to here")

    sequence = models.PositiveBigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("at"))
    action = models.CharField(_("action"), max_length=12, choices=Action)
    actor = models.ForeignKey(
        AuditName, verbose_name=_("who"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    subject = models.ForeignKey(
        AuditName,
        verbose_name=_("whose"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("The owner of the conversation, or the person whose rights were changed."),
    )
    # no foreign key: the entry outlives the conversation
    conversation_id = models.UUIDField(_("conversation"), null=True)
    details = models.JSONField(_("details"), default=dict, help_text=_("Words and whole numbers alone."))
    previous = models.CharField(_("hash before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("entry of the audit log")
        verbose_name_plural = _("audit log")
        default_permissions = ("view",)
        ordering = ["-sequence"]
        indexes = [
            models.Index(fields=["conversation_id", "-sequence"], name="audit_by_conversation"),
            models.Index(fields=["subject", "-sequence"], name="audit_by_subject"),
            models.Index(fields=["actor", "-sequence"], name="audit_by_actor"),
            models.Index(fields=["action", "-sequence"], name="audit_by_action"),
            models.Index(fields=["at", "sequence"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence}: {self.get_action_display()}"


class AuditHead(models.Model):
    """The end of the chain, in one row. Whoever appends locks it first."""

    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True, default="")
    sealed_sequence = models.PositiveBigIntegerField(
        default=0, help_text=_("Entries up to here are archived; the triggers let them be removed.")
    )

    class Meta:
        verbose_name = _("end of the audit log")
        verbose_name_plural = _("ends of the audit log")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.sequence)
