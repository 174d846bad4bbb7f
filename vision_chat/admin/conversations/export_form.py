"""The choices about an export as a form, and what is to be exported as the page's fields name it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from vision_chat.services.reviews.exports.choices import Branches, Choices, Format, Pictures

MAX_IDS = 1000
"""More rows than a page of the list has."""


class ExportForm(forms.Form):
    """What an export is to have."""

    format = forms.ChoiceField(
        label=_("Format"),
        choices=[
            (Format.CHAT.value, _("Examples for fine-tuning, as JSON Lines")),
            (Format.TABLE.value, _("Table of reviews, as CSV")),
            (Format.CONVERSATIONS.value, _("Whole conversations, as JSON Lines")),
        ],
        widget=forms.RadioSelect,
        initial=Format.CHAT.value,
    )
    pictures = forms.ChoiceField(
        label=_("Pictures"),
        choices=[
            (Pictures.LEFT_OUT.value, _("Left out")),
            (Pictures.DATA.value, _("In the lines, as data URLs")),
            (Pictures.FILES.value, _("As files beside the lines, in a ZIP")),
        ],
        widget=forms.RadioSelect,
        initial=Pictures.LEFT_OUT.value,
    )
    branches = forms.ChoiceField(
        label=_("Branches"),
        choices=[
            (Branches.SHOWN.value, _("The one that its owner sees")),
            (Branches.ALL.value, _("All")),
        ],
        widget=forms.RadioSelect,
        initial=Branches.SHOWN.value,
    )
    with_corrections = forms.BooleanField(
        label=_("Corrected answers in place of those that were given"), required=False, initial=True
    )
    with_thoughts = forms.BooleanField(label=_("With the thoughts of models"), required=False)
    only_good = forms.BooleanField(label=_("Only with a good verdict"), required=False)
    with_pseudonyms = forms.BooleanField(
        label=_("Pseudonyms in place of names"),
        required=False,
        help_text=_(
            "People and names of files. Texts and pictures stay as they are and may show who somebody is."
        ),
    )

    def choices(self) -> Choices:
        """Return what a valid form says."""
        said = self.cleaned_data
        return Choices(
            format=Format(said["format"]),
            pictures=Pictures(said["pictures"]),
            branches=Branches(said["branches"]),
            with_corrections=said["with_corrections"],
            with_thoughts=said["with_thoughts"],
            only_good=said["only_good"],
            with_pseudonyms=said["with_pseudonyms"],
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be exported: rows that were ticked, the items of a queue, or all that a list has."""

    ids: tuple[UUID, ...] = ()
    queue_id: int | None = None
    filters: str = ""

    @classmethod
    def of(cls, fields: Mapping[str, str], filters: str) -> "Asked":
        """Read the fields of a form. Raises ValueError."""
        ids = tuple(UUID(each) for each in fields.get("ids", "").split(",") if each)
        if len(ids) > MAX_IDS:
            raise ValueError("too many ids")
        queue = fields.get("queue", "")
        return cls(ids, int(queue) if queue else None, filters)

    @property
    def ids_as_text(self) -> str:
        return ",".join(map(str, self.ids))
