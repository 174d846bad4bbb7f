"""Forms of a queue: who reviews what by which rubric, and the rules that fill it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vision_chat.admin.parts.rows import RowForm
from vision_chat.models import HazardCategory, LanguageModel, Queue, Rule
from vision_chat.models.moderation import codes_in, joined_codes
from vision_chat.services.review_queues.reviewers import reviewers
from vision_chat.services.review_queues.rules import problem_of

Kind = Rule.Kind
FIRST_DAYS = 30
"""Days that a new rule looks back at first."""
WHOLE = Decimal(100)
NO_SUCH_MODEL = _(
    "Choose one of this site’s models that is enabled. More can be added under “Language models”."
)
LOCAL_MOMENT = "%Y-%m-%dT%H:%M"
VALUES: dict[str, tuple[Any, Any]] = {
    Kind.SHARE: (
        _("Percent"),
        _("A number such as 5 or 0.5. Looking again never takes more than this share of what there is."),
    ),
    Kind.WORDS: (_("Words"), _("All of them must occur. “Quoted phrases” are found as they stand.")),
    Kind.PATTERN: (_("Pattern"), _("A regular expression as RE2 takes it, such as invoice \\d+.")),
    Kind.COST: (_("Dollars"), _("A number such as 0.25: what all answers of a conversation may cost.")),
    Kind.LANGUAGE_MODEL: (_("Model"), _("Its full name. Those of this site are suggested.")),
    Kind.MODERATION: (
        _("Moderation model"),
        _(
            "One of this site’s models, such as a Llama Guard. Words and pictures of each turn are sent to "
            "its endpoint, and each request is charged."
        ),
    ),
}
"""Names and explanations of the value by the kinds that have one."""


class QueueForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = Queue
        fields = (
            "name",
            "description",
            "rubric",
            "unit",
            "people",
            "groups",
            "reviewers_per_item",
            "shared_percent",
            "is_blind",
            "lease_minutes",
            "gold_percent",
            "gold_is_told",
        )
        labels = {"unit": _("Reviewed are")}
        widgets = {"description": forms.Textarea(attrs={"rows": 3, "dir": "auto"})}
        help_texts = {
            "description": _("What the queue is for, in a sentence or two. Reviewers see it."),
            "people": _("Only staff with the right to review are listed."),
            "groups": _("With neither people nor groups, every reviewer works on it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "unit" in self.fields:
            self.fields["unit"].choices = Queue.Unit.choices  # type: ignore[attr-defined]  # a field of choices
        if "rubric" in self.fields:
            self.fields["rubric"].empty_label = None  # type: ignore[attr-defined]  # a field of rows
        if "people" in self.fields:
            chosen = [person.pk for person in self.initial.get("people", [])]
            field: Any = self.fields["people"]
            field.queryset = (
                (reviewers() | User.objects.filter(pk__in=chosen)).distinct().order_by("username")
            )


class RuleForm(RowForm):
    says = ("kind",)
    since = forms.DateTimeField(
        label=_("looks back to"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL_MOMENT),
        help_text=_("What happened before is left out."),
    )

    hazard_categories = forms.MultipleChoiceField(
        label=_("categories"),
        choices=HazardCategory.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("With none of them ticked, whatever the model calls unsafe is added."),
    )

    class Meta:
        model = Rule
        fields = ("kind", "value", "moderated_percent", "hazard_categories", "since", "is_enabled")
        labels = {"moderated_percent": _("Share of the turns")}
        help_texts = {
            "value": "",
            "moderated_percent": _("In percent. The model is not asked about the others."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("Choose a rule")), *Kind.choices]  # type: ignore[attr-defined]  # a field of choices
        self.fields["value"].kinds = " ".join(VALUES)  # type: ignore[attr-defined]  # for templates/admin/_row_field.html
        self.fields["value"].widget.attrs["dir"] = "auto"
        for name in ("moderated_percent", "hazard_categories"):
            self.fields[name].required = False
            self.fields[name].kinds = Kind.MODERATION.value  # type: ignore[attr-defined]  # the same
        self.initial["hazard_categories"] = codes_in(self.instance.hazard_categories)
        if self.instance.pk is None:
            self.initial.setdefault("since", timezone.now() - timedelta(days=FIRST_DAYS))

    def clean_since(self) -> Any:
        """Keep the seconds of a moment that was not changed: the field shows none."""
        since = self.cleaned_data["since"]
        before = self.instance.since if self.instance.pk else None
        is_same = before is not None and before.replace(second=0, microsecond=0) == since
        return before if is_same else since

    def clean_moderated_percent(self) -> Any:
        return self.cleaned_data["moderated_percent"] or WHOLE

    def clean_hazard_categories(self) -> str:
        return joined_codes(self.cleaned_data["hazard_categories"])

    def clean(self) -> dict[str, Any]:
        """Refuse a value that the kind of rule cannot use."""
        given = super().clean() or {}
        kind = given.get("kind", "")
        given["value"] = str(given.get("value") or "").strip()
        if kind not in VALUES:
            given["value"] = ""
        elif kind == Kind.MODERATION and not given["value"]:
            self.add_error("value", NO_SUCH_MODEL)
        elif problem := problem_of(kind, given["value"]):
            self.add_error("value", problem)
        elif kind == Kind.MODERATION and given.get("is_enabled") and not _is_offered(given["value"]):
            self.add_error("value", NO_SUCH_MODEL)
        if kind != Kind.MODERATION:
            given["moderated_percent"], given["hazard_categories"] = WHOLE, ""
        return given


def _is_offered(model_name: str) -> bool:
    rows = LanguageModel.objects.filter(model_name=model_name, is_enabled=True, endpoint__is_enabled=True)
    return rows.exists()


def known_models() -> list[str]:
    """Return the names that are suggested for a rule about a model."""
    names = LanguageModel.objects.order_by("model_name").values_list("model_name", flat=True)
    return list(names.distinct()[:200])
