"""Forms of a rubric: what it is called, its verdicts, its questions, and what makes them valid."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vision_chat.admin.parts.rows import OrderedRowForm, RowFormSet
from vision_chat.admin.rubrics.shown import MOST_STEPS
from vision_chat.models import Rubric, RubricQuestion, RubricVerdict
from vision_chat.models.rubric import MAX_VERDICTS, lines_of

Kind = RubricQuestion.Kind
FEWEST = 2
"""Verdicts of a rubric, and choices of a question: with one there is nothing to decide."""
YES, NO = "yes", "no"
ONE_NAME: Any = {NON_FIELD_ERRORS: {"unique_together": _("Another one has this name in exports.")}}


class RubricBasicsForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = Rubric
        fields = ("name", "policy")
        widgets = {"policy": forms.Textarea(attrs={"rows": 5, "dir": "auto"})}
        help_texts = {
            "name": _("Reviewers don’t see it; it is the name under which queues offer the rubric."),
            "policy": _("What reviewers should go by. It stands beside the verdicts; you can use Markdown."),
        }


class VerdictForm(OrderedRowForm):
    says = ("label", "value")
    # a SlugField would refuse an empty one before a name is made from the label
    value = forms.SlugField(
        label=_("name in exports"),
        required=False,
        max_length=40,
        help_text=_("Made from the name if you leave it empty."),
    )

    class Meta:
        model = RubricVerdict
        fields = ("position", "label", "tone", "value")
        error_messages = ONE_NAME
        widgets = {"label": forms.TextInput(attrs={"dir": "auto"})}


class VerdictFormSet(RowFormSet):
    def clean(self) -> None:
        """Refuse too few, too many, and two of the same name."""
        super().clean()
        if any(self.errors):
            return
        kept = self.kept
        if len(kept) < FEWEST:
            raise ValidationError(_("Add at least two verdicts, so that there is something to decide."))
        if len(kept) > MAX_VERDICTS:
            raise ValidationError(_("A rubric has at most nine verdicts: each has a key from 1 to 9."))
        _name_all(kept, "value", "verdict")
        _refuse_repetition(kept, "label", gettext("Two verdicts have this name."))


class QuestionForm(OrderedRowForm):
    says = ("label", "key", "choices")
    key = forms.SlugField(
        label=_("name in exports"),
        required=False,
        max_length=40,
        help_text=_("Made from the question if you leave it empty."),
    )
    scale_from = forms.IntegerField(label=_("from"), required=False, initial=1)
    scale_to = forms.IntegerField(label=_("to"), required=False, initial=5)
    bad_up_to = forms.IntegerField(
        label=_("bad marks up to"), required=False, help_text=_("Empty where none is bad.")
    )
    bad_answer = forms.ChoiceField(
        label=_("bad mark"),
        required=False,
        choices=[("", _("Neither")), (YES, _("Yes")), (NO, _("No"))],
    )

    class Meta:
        model = RubricQuestion
        fields = (
            "position",
            "label",
            "kind",
            "is_required",
            "choices",
            "bad_choices",
            "scale_from",
            "scale_to",
            "bad_up_to",
            "bad_answer",
            "reasons",
            "policy",
            "key",
        )
        error_messages = ONE_NAME
        widgets = {
            "label": forms.TextInput(attrs={"dir": "auto"}),
            "choices": forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
            "bad_choices": forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
            "reasons": forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
            "policy": forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        }
        labels = {"kind": _("answer"), "bad_choices": _("bad choices"), "is_required": _("must be answered")}
        help_texts = {
            "choices": _("One a line."),
            "bad_choices": _("Those of the choices that ask for a reason, one a line."),
            "reasons": _("Offered below a bad mark, one a line."),
            "policy": _("What to go by, in Markdown. It stands beside the question."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # without Django's row of dashes
        self.fields["kind"].choices = Kind.choices  # type: ignore[attr-defined]  # a field of choices
        self._show_parts()
        for names, kinds in (
            (("choices", "bad_choices"), (Kind.CHOICE,)),
            (("scale_from", "scale_to", "bad_up_to"), (Kind.SCALE,)),
            (("bad_answer",), (Kind.YES_NO,)),
            (("reasons",), (Kind.CHOICE, Kind.SCALE, Kind.YES_NO)),
        ):
            for name in names:
                self.fields[name].kinds = " ".join(kinds)  # type: ignore[attr-defined]  # for templates/admin/_row_field.html

    def _show_parts(self) -> None:
        """Put what the row keeps as lines into the fields of its kind."""
        question = self.instance
        choices, bad = lines_of(question.choices), lines_of(question.bad_choices)
        shown: dict[str, Any] = {}
        if question.kind == Kind.SCALE and len(choices) == FEWEST:
            shown = {"choices": "", "bad_choices": "", "scale_from": choices[0], "scale_to": choices[1]}
            shown["bad_up_to"] = bad[-1] if bad else None
        elif question.kind == Kind.YES_NO:
            shown = {"bad_choices": "", "bad_answer": bad[0] if bad else ""}
        self.initial = {**self.initial, **shown}

    def clean(self) -> dict[str, Any]:
        """Keep of the fields those of its kind, as lines."""
        given = super().clean() or {}
        kind = given.get("kind")
        if kind == Kind.CHOICE:
            self._clean_choice(given)
        elif kind == Kind.SCALE:
            self._clean_scale(given)
        else:
            given["choices"] = ""
            given["bad_choices"] = given.get("bad_answer") or "" if kind == Kind.YES_NO else ""
        given["reasons"] = "\n".join(lines_of(given.get("reasons") or "")) if given.get("bad_choices") else ""
        return given

    def _clean_choice(self, given: dict[str, Any]) -> None:
        choices, bad = lines_of(given.get("choices") or ""), lines_of(given.get("bad_choices") or "")
        if len(choices) < FEWEST:
            self.add_error("choices", _("Give at least two choices, each on a line of its own."))
        elif len(set(choices)) < len(choices):
            self.add_error("choices", _("A choice stands here twice."))
        elif strangers := [each for each in bad if each not in choices]:
            text = gettext("“%(choice)s” is not one of the choices.") % {"choice": strangers[0]}
            self.add_error("bad_choices", text)
        given["choices"], given["bad_choices"] = "\n".join(choices), "\n".join(bad)

    def _clean_scale(self, given: dict[str, Any]) -> None:
        first, last, bad = given.get("scale_from"), given.get("scale_to"), given.get("bad_up_to")
        given["choices"] = given["bad_choices"] = ""
        if first is None or last is None:
            if not {"scale_from", "scale_to"} & set(self.errors):
                self.add_error("scale_from", _("Say where the scale begins and ends, such as 1 and 5."))
        elif not first < last < first + MOST_STEPS:
            self.add_error("scale_to", _("A scale goes up, and has at most eleven steps."))
        elif bad is not None and not first <= bad < last:
            self.add_error("bad_up_to", _("This lies outside the scale, or makes every mark a bad one."))
        else:
            given["choices"] = f"{first}\n{last}"
            steps = range(first, bad + 1) if bad is not None else ()
            given["bad_choices"] = "\n".join(map(str, steps))


class QuestionFormSet(RowFormSet):
    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        _name_all(self.kept, "key", "question")


def _name_all(rows: list[Any], field: str, fallback: str) -> None:
    """Give those a name for exports that have none. Two of one name are refused."""
    taken = {row.cleaned_data[field] for row in rows if row.cleaned_data.get(field)}
    for place, row in enumerate(rows, start=1):
        if row.cleaned_data.get(field):
            continue
        stem = slugify(row.cleaned_data["label"])[:30].strip("-") or f"{fallback}-{place}"
        name = next(each for each in _numbered(stem) if each not in taken)
        taken.add(name)
        row.cleaned_data[field] = name
        setattr(row.instance, field, name)
    _refuse_repetition(rows, field, gettext("Another one has this name in exports."))


def _numbered(stem: str) -> Any:
    yield stem
    number = 2
    while True:
        yield f"{stem}-{number}"
        number += 1


def _refuse_repetition(rows: list[Any], field: str, text: str) -> None:
    seen: set[str] = set()
    for row in rows:
        value = str(row.cleaned_data.get(field, "")).casefold()
        if value in seen:
            row.add_error(field, text)
            raise ValidationError(text)
        seen.add(value)
