"""Forms of the admin."""

from django import forms
from django.utils.translation import gettext_lazy as _

from vision_chat.models import Review


class ReviewForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    # the field that Django makes from the model offers "---------" as a fourth verdict
    verdict = forms.ChoiceField(label=_("Verdict"), choices=Review.Verdict.choices, widget=forms.RadioSelect)

    class Meta:
        model = Review
        fields = ("verdict", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 6, "dir": "auto"})}
