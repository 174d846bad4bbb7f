"""Accounts and groups: Django's user admin, which here also closes sockets, and deletes in batches."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from asgiref.sync import async_to_sync
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vision_chat.admin.parts.actions import NamedActions
from vision_chat.admin.parts.summaries import DeletionSummary, deletion_summary
from vision_chat.admin.people import rights
from vision_chat.admin.people.forms import HELP, NewPasswordForm, NewPersonForm, PersonForm
from vision_chat.errors.accounts import LastAdministratorError
from vision_chat.models import AccountDeletion, AuditEntry, Conversation, permissions
from vision_chat.server.runtime import wake_housekeeping
from vision_chat.services import audit
from vision_chat.services.accounts import deletion
from vision_chat.services.site import relay

Account = get_user_model()
for model in (Account, Group):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class _TwoLists(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        """Return the field without Django's advice to hold a key down, which its two lists do not need."""
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None:
            field.help_text = HELP.get(db_field.name, "")
        return field


@admin.register(Group)
class PermissionsAdmin(_TwoLists, NamedActions, GroupAdmin):
    """Groups, whose rights administrators change alone: whoever could would give themselves all of them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return rights.is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return rights.is_administrator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return rights.is_administrator(request)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 - as Django has it
        before = rights.rights_of_group(form.instance) if change else set()
        super().save_related(request, form, formsets, change)
        rights.record_group(request, form.instance, before)

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        self.delete_queryset(request, Group.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        with transaction.atomic():
            names = list(queryset.values_list("name", flat=True))
            super().delete_queryset(request, queryset)
            rights.record_deleted_groups(request, names)


@admin.register(Account)
class PersonAdmin(_TwoLists, NamedActions, UserAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    form = PersonForm
    add_form = NewPersonForm
    change_password_form = NewPasswordForm
    readonly_fields = ("last_login", "date_joined")
    list_display = ("username", "full_name", "email", "role", "last_login")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Return also the rights, except to administrators: others would give themselves all of them."""
        return (
            self.readonly_fields
            if rights.is_administrator(request)
            else (*self.readonly_fields, *rights.RIGHTS)
        )

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Tell whether the account may be changed; one with rights only by administrators.

        Who could set the password of one could sign in with its rights.
        """
        may_change = super().has_change_permission(request, obj)
        return may_change and (obj is None or not rights.has_any(obj) or rights.is_administrator(request))

    @admin.display(description=_("name"), ordering="first_name")
    def full_name(self, person: User) -> str | None:
        return person.get_full_name() or None

    @admin.display(description=_("role"), ordering="is_staff", empty_value="")
    def role(self, person: User) -> str:
        """Say in a word or by its groups what the account may do; nothing where it may do what all may."""
        if not person.is_active:
            return gettext("Not active")
        if person.is_superuser:
            return gettext("Administrator")
        if not person.is_staff:
            return ""
        return ", ".join(group.name for group in person.groups.all()) or gettext("Staff")

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # the pages of a deletion show names
        if not (super().has_delete_permission(request, obj) and self.has_view_permission(request, obj)):
            return False
        return obj is None or not rights.has_any(obj) or rights.is_administrator(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Leave out those that are being deleted: there is nothing to be done about them any more."""
        closed = AccountDeletion.objects.values("person")
        rows: QuerySet[User] = super().get_queryset(request).exclude(pk__in=closed)
        return rows.prefetch_related(Prefetch("groups", Group.objects.order_by("name")))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 - as Django has it
        person = User.objects.filter(pk=obj.pk).first()
        form.rights_before = rights.rights_of(person)
        form.is_renamed = person is not None and person.get_username() != obj.get_username()
        super().save_model(request, obj, form, change)
        _recheck(obj.pk)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 - as Django has it
        super().save_related(request, form, formsets, change)
        renamed = form.is_renamed
        rights.record_person(request, form.instance, form.rights_before, is_renamed=renamed)
        if names := rights.idle_groups(form.instance):
            text = gettext(
                "As a member of %(groups)s, %(person)s can do nothing yet: tick “%(box)s” as well, and save."
            )
            box = capfirst(User._meta.get_field("is_staff").verbose_name)
            said = {"person": form.instance, "groups": ", ".join(names), "box": box}
            messages.warning(request, text % said)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 - as Django has it
        # as Django finds it: what else might be read as a number would go by unwritten
        person = self.get_object(request, unquote(id))
        with transaction.atomic():
            response: HttpResponse = super().user_change_password(request, id, form_url)
            if person and response.status_code == 302:
                rights.record_password(request, person)
                _recheck(person.pk)
        return response

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        _delete(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            _delete(request, user)

    def get_deleted_objects(self, objs: Iterable[User], request: HttpRequest) -> DeletionSummary:
        people = list(objs)
        conversations = Conversation.objects.filter(owner__in=people)
        result = deletion_summary(
            [str(person) for person in people], {User._meta.verbose_name_plural: len(people)}, conversations
        )
        if deletion.no_administrator_without(people):
            result.protected.append(
                gettext("This is the only administrator. Make someone else an administrator first.")
            )
        if any(map(rights.has_any, people)) and not rights.is_administrator(request):
            result.protected.append(gettext("Accounts of the staff are deleted by administrators alone."))
        if conversations and not request.user.has_perm(permissions.DELETE_CONVERSATIONS):
            result.permissions_needed.add(str(Conversation._meta.verbose_name))
        return result


def _delete(request: HttpRequest, user: User) -> None:
    """Close the account; the server removes it after the commit."""
    try:
        with transaction.atomic():
            deletion.begin(user)
            audit.record(AuditEntry.Action.DELETED, request.user, subject=user)
    except LastAdministratorError as error:  # two administrators delete each other at this moment
        raise PermissionDenied from error
    _recheck(user.pk)
    transaction.on_commit(partial(wake_housekeeping, request))


def _recheck(user_id: int) -> None:
    """Let the person's sockets check their sessions, after the commit that may have ended them."""
    recheck: Any = partial(async_to_sync(relay.recheck_sessions), user_id)
    transaction.on_commit(recheck, robust=True)
