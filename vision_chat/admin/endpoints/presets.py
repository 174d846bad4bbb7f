"""Shared presets in the admin: everybody may use them. Those of a person are their own and not shown."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator, format_lazy
from django.utils.translation import gettext_lazy as _

from vision_chat.admin.parts.actions import NamedActions
from vision_chat.errors.settings import InstructionsTooLongError
from vision_chat.models import Preset
from vision_chat.services.conversations.change_settings import MAX_SYSTEM_PROMPT_LENGTH
from vision_chat.services.conversations.parameter_changes import changed, checked
from vision_chat.services.presentation.sentences import sentence

MAX_SHOWN = 120
"""Characters of the system prompt in the list."""


class SharedPresetForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A preset without an owner."""

    class Meta:
        model = Preset
        fields = ("name", "system_prompt", "parameters", "language_model")
        labels = {"system_prompt": _("System prompt")}
        help_texts = {
            "system_prompt": _("A person is asked for each {{variable}} when the preset is used."),
            "parameters": format_lazy(_("A JSON object, such as {example}."), example='{"temperature": 0.2}'),
        }

    def clean_name(self) -> str:
        """Refuse the name of another shared preset."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        others = Preset.objects.filter(owner=None, name=name).exclude(pk=self.instance.pk)
        if others.exists():
            raise ValidationError(_("There is a shared preset with this name already."))
        return name

    def clean_system_prompt(self) -> str:
        text = str(self.cleaned_data["system_prompt"]).replace("\r\n", "\n")
        if len(text) > MAX_SYSTEM_PROMPT_LENGTH:
            error = InstructionsTooLongError(limit=MAX_SYSTEM_PROMPT_LENGTH)
            raise ValidationError(sentence(error, error.params))
        return text

    def clean_parameters(self) -> dict[str, Any]:
        """Refuse what a conversation would refuse."""
        parameters = self.cleaned_data["parameters"] or {}
        if not isinstance(parameters, dict):
            raise ValidationError(_("This must be a JSON object."))
        valid, errors = checked(parameters)
        if errors:
            raise ValidationError([sentence(error, error.params) for error in errors.values()])
        return changed({}, valid)


@admin.register(Preset)
class PresetAdmin(NamedActions):
    form = SharedPresetForm
    list_display = ("name", "language_model", "system_prompt_shown")
    search_fields = ("name",)
    ordering = ("name",)

    @admin.display(description=_("system prompt"))
    def system_prompt_shown(self, preset: Preset) -> str:
        """Return its beginning: there may be pages of it."""
        return Truncator(preset.system_prompt).chars(MAX_SHOWN)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Preset]:
        return super().get_queryset(request).filter(owner=None)
