"""The form of a language model."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vision_chat.models import LanguageModel
from vision_chat.services.language_models.choice import fallbacks, replacements
from vision_chat.services.vision.family import families, family_called, family_of

IN_A_CIRCLE = _("These models would replace each other. Choose one that is not replaced by this one.")
FALLBACK_IN_A_CIRCLE = _("This model is itself a fallback of the one that you chose. Choose another one.")
DEFAULT_RETIRED = _("A model that is not enabled cannot be the default.")


class LanguageModelForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    family = forms.ChoiceField(label=_("Family"), required=False)

    class Meta:
        model = LanguageModel
        fields = (
            "endpoint",
            "model_name",
            "label",
            "is_enabled",
            "is_default",
            "replaced_by",
            "fallback",
            "groups",
            "family",
            "max_images",
            "context_tokens",
            "max_output_tokens",
            "input_price",
            "output_price",
        )
        help_texts = {
            "model_name": _("As the endpoint calls it."),
            "label": _("Shown instead of the name."),
            "is_enabled": _("Conversations that use it go on with its replacement when it is disabled."),
            "is_default": _("For all who have chosen no model and may use it. There is one default."),
            "replaced_by": _("Conversations go on with it once this model is not enabled."),
            "fallback": _(
                "Answers where the endpoint of this model does not, to those who may use it. Choose one at "
                "another endpoint that takes as many pictures."
            ),
            "groups": _("Who may use it. None: everybody."),
            "max_images": _("In one request; 0 for a model that takes none. Empty: what its family takes."),
            "context_tokens": _("Tokens that it reads. Empty: those of its family."),
            "max_output_tokens": _("Tokens of its longest answer. Empty: those of its family."),
            "input_price": _("US dollars per million tokens that it reads. Empty: not known."),
            "output_price": _("US dollars per million tokens that it writes. Empty: not known."),
        }
        labels = {
            "max_images": _("Pictures"),
            "context_tokens": _("Context"),
            "max_output_tokens": _("Longest answer"),
            "input_price": _("Price in"),
            "output_price": _("Price out"),
        }
        widgets = {"groups": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        family = self.fields.get("family")
        if isinstance(family, forms.ChoiceField):
            family.choices = [("", self._guess()), *((one.id, one.id) for one in families())]
            family.help_text = _("How it sees pictures: their sizes, tokens and places.")
            if not family_called(self.instance.family):
                self.initial["family"] = ""
        for name, empty_label in (("replaced_by", gettext("The default")), ("fallback", gettext("None"))):
            self._offer_others(self.fields.get(name), empty_label)
        groups = self.fields.get("groups")
        if isinstance(groups, forms.ModelMultipleChoiceField) and not Group.objects.exists():
            groups.help_text = _("Everybody may use it. Add groups of people to allow it to some only.")

    def clean_model_name(self) -> str:
        name: str = self.cleaned_data["model_name"].strip()
        if not name.isprintable():
            raise ValidationError(gettext("This name contains characters that cannot be seen."))
        return name

    def clean_replaced_by(self) -> LanguageModel | None:
        """Refuse a circle: conversations would be led around in it."""
        following: LanguageModel | None = self.cleaned_data["replaced_by"]
        if following is not None and self.instance.pk in {row.pk for row in replacements(following)}:
            raise ValidationError(IN_A_CIRCLE)
        return following

    def clean_fallback(self) -> LanguageModel | None:
        """Refuse a circle, which looks like a promise that one of the two answers."""
        fallback: LanguageModel | None = self.cleaned_data["fallback"]
        if fallback is not None and self.instance.pk in {row.pk for row in fallbacks(fallback)}:
            raise ValidationError(FALLBACK_IN_A_CIRCLE)
        return fallback

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("is_default") and not cleaned.get("is_enabled"):
            self.add_error("is_default", DEFAULT_RETIRED)
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        """Leave out that there is one default: saving this one takes it from the other."""
        exclusions: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        return exclusions | {"is_default"}

    def _offer_others(self, field: forms.Field | None, empty_label: str) -> None:
        """Let a field choose among the other models."""
        if isinstance(field, forms.ModelChoiceField):
            rows = LanguageModel.objects.select_related("endpoint").order_by("endpoint__name", "model_name")
            field.queryset = rows.exclude(pk=self.instance.pk)
            field.empty_label = empty_label
            field.label_from_instance = _with_endpoint  # type: ignore[method-assign,assignment]  # as Django's manual says

    def _guess(self) -> str:
        name = self.instance.model_name
        if not name:
            return gettext("Guessed from its name")
        return gettext("Guessed from its name: %(family)s") % {"family": family_of(name).id}


def _with_endpoint(row: LanguageModel) -> str:
    return f"{row} · {row.endpoint}"
