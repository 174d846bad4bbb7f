"""Every address of the admin, and who may pass."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ROLES = ("nobody", "stranger", "staff", "reviewer", "lead", "operator", "auditor", "superuser")
STAFF = set(ROLES[2:])
READERS = {"lead", "superuser"}
REVIEWING = {"reviewer", *READERS}
OPERATORS = {"operator", "superuser"}
AUDITORS = {"auditor", "superuser"}
ADMINISTRATORS = {"superuser"}

CASES = ("own", "foreign", "granted", "expired", "assigned", "consented")
Readable = Mapping[str, set[str]]
READABLE: Readable = {
    "reviewer": {"assigned", "consented"},
    "lead": {"own", "granted", "consented"},
    "superuser": {"own", "granted", "assigned", "consented"},
}
"""The conversations that a role may read in the admin; the others none."""
READABLE_WHERE_SEALED: Readable = {
    "reviewer": {"consented"},
    "lead": {"own", "consented"},
    "superuser": {"own", "consented"},
}
"""The same where the site seals conversations: a reason or an assignment is not enough."""

SIGN_IN, DENIED, NOT_THERE, NOT_SO = 302, 403, 404, 405


@dataclass(frozen=True)
class Door:
    """One address: who of the staff it is open to, and what they get; the others are refused.

    `closed` is what they get where it is about a conversation that they may not read. Of a door that `shows`
    words those of each readable conversation must come.
    """

    path: str
    open_to: set[str]
    status: int | None = 200
    closed: int | None = None
    shows: bool = False
    data: Mapping[str, Any] | None = None
    """What is posted; nothing is where this is None."""
    refused: Mapping[str, int] = field(default_factory=dict)
    """Statuses of roles that are neither let in nor denied."""

    @property
    def is_about_one(self) -> bool:
        """Tell whether it is tried with each conversation."""
        return any(f"{{{name}}}" in self.path for name in ("conversation", "message", "report", "item"))

    def expected(self, role: str, case: str, readable: Readable) -> int | None:
        if role in self.refused:
            return self.refused[role]
        if role not in STAFF:
            return SIGN_IN
        if role not in self.open_to:
            return DENIED
        if self.closed is not None and case not in readable.get(role, ()):
            return self.closed
        return self.status


def of_model(name: str, key: str, open_to: set[str]) -> dict[str, list[Door]]:
    """The five pages that Django has for the rows of a model."""
    label, _, model = name.partition(".")
    path, prefix = f"/admin/{label}/{model}/", f"{label}_{model}"
    return {
        f"{prefix}_changelist": [Door(path, open_to)],
        f"{prefix}_add": [Door(f"{path}add/", open_to)],
        f"{prefix}_history": [Door(f"{path}{{{key}}}/history/", open_to)],
        f"{prefix}_delete": [Door(f"{path}{{{key}}}/delete/", open_to)],
        f"{prefix}_change": [Door(f"{path}{{{key}}}/change/", open_to)],
    }


LIST = "/admin/vision_chat/conversation/"
EVERY_ID = ["{own}", "{foreign}", "{granted}", "{expired}", "{assigned}", "{consented}"]
TITLES = "/admin/autocomplete/?app_label=vision_chat&model_name=message&field_name=conversation"

QUEUES = "/admin/vision_chat/queue/"
RUBRICS = "/admin/vision_chat/rubric/"
ITEMS = "/admin/vision_chat/reviewitem/"
ITEM = f"{ITEMS}{{item}}/"
ANSWER = f"{ITEM}messages/{{message}}/"
BOX = "00000000-0000-4000-8000-000000000000"


def of_item(path: str, closed: int | None = NOT_THERE, status: int | None = 400, **values: Any) -> list[Door]:
    """Addresses that the page of an item asks for: of a script, which sends more than this, or of a lead."""
    return [Door(path, REVIEWING, status, closed=closed, **values)]


OF_QUEUES: dict[str, list[Door]] = {
    **of_model("vision_chat.queue", "queue", READERS),
    "vision_chat_queue_delete": [Door(f"{QUEUES}{{queue}}/delete/", ADMINISTRATORS)],
    "vision_chat_queue_count": [Door(f"{QUEUES}count/", READERS, data={})],
    "vision_chat_queue_fill": [Door(f"{QUEUES}{{queue}}/fill/", READERS, 302, data={})],
    "vision_chat_queue_results": [Door(f"{QUEUES}{{queue}}/results/", READERS)],
    "vision_chat_queue_close": [Door(f"{QUEUES}{{queue}}/close/", READERS, 302, data={})],
    "vision_chat_queue_reopen": [Door(f"{QUEUES}{{queue}}/reopen/", READERS, 302, data={})],
    **of_model("vision_chat.rubric", "rubric", READERS),
    "vision_chat_rubric_delete": [Door(f"{RUBRICS}{{rubric}}/delete/", ADMINISTRATORS)],
    "vision_chat_rubric_preview": [
        Door(f"{RUBRICS}preview/", READERS, None, data={}),
        Door(f"{RUBRICS}{{rubric}}/preview/", READERS, None, data={}),
    ],
    **of_model("vision_chat.reviewitem", "one_item", READERS),
    "vision_chat_reviewitem_add": [Door(f"{ITEMS}add/", set())],
    "vision_chat_reviewitem_delete": [Door(f"{ITEMS}{{one_item}}/delete/", set())],
    "vision_chat_reviewitem_work": [Door(f"{ITEMS}work/", {"reviewer", "superuser"})],
    "vision_chat_reviewitem_next": [Door(f"{ITEMS}work/{{queue}}/next/", {"reviewer", "superuser"}, 302)],
    "vision_chat_reviewitem_many": [Door(f"{ITEMS}work/{{queue}}/many/", {"reviewer", "superuser"})],
    "vision_chat_reviewitem_many_more": [
        Door(f"{ITEMS}work/{{queue}}/many/more/", {"reviewer", "superuser"}, 302)
    ],
    "vision_chat_reviewitem_many_done": [
        Door(f"{ITEMS}work/{{queue}}/many/done/", {"reviewer", "superuser"}, 302, data={})
    ],
    "vision_chat_reviewitem_many_back": [
        Door(f"{ITEMS}work/{{queue}}/many/back/", {"reviewer", "superuser"}, 302, data={})
    ],
    "vision_chat_reviewitem_many_leases": [
        Door(f"{ITEMS}work/many/leases/", {"reviewer", "superuser"}, 400, data={})
    ],
    # what others have in their hands is refused; a lead is asked for a reason also for what is in their own
    "vision_chat_reviewitem_review": [Door(f"{ITEM}review/", REVIEWING, None, shows=True)],
    # whoever has it in hand is told, without a word of it, that it was closed; others that it is not there
    "vision_chat_reviewitem_transcript": of_item(f"{ITEM}transcript/", None, None, shows=True),
    "vision_chat_reviewitem_draft": of_item(f"{ITEM}draft/", 400, data={}),
    "vision_chat_reviewitem_lease": of_item(f"{ITEM}lease/", 400, data={}),
    "vision_chat_reviewitem_skip": of_item(f"{ITEM}skip/", 409, 409, data={}),
    "vision_chat_reviewitem_flag": of_item(f"{ITEM}flag/", status=200, data={}),
    "vision_chat_reviewitem_withdraw": of_item(f"{ITEM}withdraw/", 409, 409, data={}),
    "vision_chat_reviewitem_resolve": of_item(
        f"{ITEM}resolve/", status=409, data={}, refused={"reviewer": NOT_THERE}
    ),
    "vision_chat_reviewitem_gold": [Door(f"{ITEMS}{{one_item}}/gold/", READERS, 302, data={})],
    "vision_chat_reviewitem_pictures": [Door(f"{ITEMS}pictures/", REVIEWING, NOT_THERE, data={})],
    "vision_chat_reviewitem_labels": of_item(f"{ANSWER}labels/", data={}),
    "vision_chat_reviewitem_correction": of_item(f"{ANSWER}correction/", status=200, shows=True),
    "vision_chat_reviewitem_box": of_item(f"{ANSWER}boxes/", data={}),
    "vision_chat_reviewitem_places": of_item(f"{ANSWER}places/", status=204),
    "vision_chat_reviewitem_request": of_item(f"{ANSWER}request/", status=200),
    "vision_chat_reviewitem_erase": of_item(f"{ITEM}boxes/{BOX}/erase/", status=200, data={}),
}

DOORS: dict[str, list[Door]] = {
    "index": [Door("/admin/", STAFF)],
    "login": [Door("/admin/login/", STAFF, 302, refused={"nobody": 200, "stranger": 200})],
    "logout": [Door("/admin/logout/", STAFF, NOT_SO)],
    "password_change": [Door("/admin/password_change/", STAFF)],
    "password_change_done": [Door("/admin/password_change/done/", STAFF)],
    "autocomplete": [Door("/admin/autocomplete/", set()), Door(TITLES, READERS, shows=True)],
    "jsi18n": [Door("/admin/jsi18n/", STAFF)],
    "view_on_site": [Door("/admin/r/{content_type}/{conversation}/", STAFF, NOT_THERE)],
    # who may do nothing with its models gets 404
    "app_list": [Door("/admin/vision_chat/", STAFF, None), Door("/admin/auth/", STAFF, None)],
    "vision_chat_conversation_changelist": [
        Door(LIST, READERS, shows=True),
        Door(f"{LIST}?o=2", READERS, shows=True),
        Door(f"{LIST}?q={{owner}}", READERS),
        Door(f"{LIST}?title__startswith=zq", READERS, 400),
        Door(f"{LIST}?messages__text__contains=zq", READERS, 400),
        Door(LIST, READERS, 302, data={"action": "", "_selected_action": EVERY_ID}),
        Door(
            LIST,
            READERS,
            shows=True,
            data={"action": "delete_selected", "_selected_action": EVERY_ID},
            refused={"lead": 302},  # to the list: nothing that they may do was chosen
        ),
    ],
    "vision_chat_conversation_add": [Door(f"{LIST}add/", set())],
    "vision_chat_conversation_history": [Door(f"{LIST}{{conversation}}/history/", READERS, closed=302)],
    "vision_chat_conversation_delete": [
        Door(f"{LIST}{{conversation}}/delete/", ADMINISTRATORS, shows=True),
    ],
    "vision_chat_conversation_change": [
        Door(f"{LIST}{{conversation}}/change/", READERS, shows=True),
        Door(f"{LIST}{{conversation}}/change/?_changelist_filters=q%3Dzq", READERS, shows=True),
        # where it may not be read, what is asked for is a reason, and no review is taken
        Door(f"{LIST}{{conversation}}/change/", READERS, 302, closed=200, data={"verdict": "good"}),
        Door(f"{LIST}{{conversation}}/change/", READERS, closed=200, data={"reason": ""}),
    ],
    "vision_chat_conversation_places": [
        Door(f"{LIST}messages/{{message}}/places/", {*READERS, "reviewer"}, 204, closed=NOT_THERE)
    ],
    "vision_chat_conversation_export": [
        Door(f"{LIST}export/", READERS),
        Door(LIST, READERS, data={"action": "export", "_selected_action": EVERY_ID}),
    ],
    "vision_chat_conversation_export_reason": [
        Door(f"{LIST}export/reason/", READERS, 400, data={"reason": ""})
    ],
    # tests/journeys/test_review_exports.py posts, with a server
    "vision_chat_conversation_export_download": [
        Door(f"{LIST}export/download/", STAFF, NOT_SO, refused={"nobody": NOT_SO, "stranger": NOT_SO})
    ],
    "vision_chat_conversation_looked_at": [
        Door(f"{LIST}reports/{{report}}/looked-at/", READERS, 302, closed=NOT_THERE, data={})
    ],
    **of_model("vision_chat.auditentry", "entry", AUDITORS),
    "vision_chat_auditentry_add": [Door("/admin/vision_chat/auditentry/add/", set())],
    "vision_chat_auditentry_delete": [Door("/admin/vision_chat/auditentry/{entry}/delete/", set())],
    **OF_QUEUES,
    **of_model("vision_chat.endpoint", "endpoint", OPERATORS),
    "vision_chat_endpoint_import": [Door("/admin/vision_chat/endpoint/{endpoint}/import/", OPERATORS)],
    "vision_chat_endpoint_ask_again": [
        Door("/admin/vision_chat/endpoint/{endpoint}/ask-again/", OPERATORS, 302, data={})
    ],
    **of_model("vision_chat.habit", "habit", OPERATORS),
    **of_model("vision_chat.languagemodel", "model", OPERATORS),
    "vision_chat_languagemodel_test": [Door("/admin/vision_chat/languagemodel/{model}/test/", STAFF, NOT_SO)],
    **of_model("vision_chat.preset", "preset", OPERATORS),
    **of_model("auth.group", "group", OPERATORS),
    "auth_group_add": [Door("/admin/auth/group/add/", ADMINISTRATORS)],
    "auth_group_change": [
        Door("/admin/auth/group/{group}/change/", OPERATORS),
        Door("/admin/auth/group/{group}/change/", ADMINISTRATORS, data={"name": ""}),
    ],
    "auth_group_delete": [Door("/admin/auth/group/{group}/delete/", ADMINISTRATORS)],
    **of_model("auth.user", "person", OPERATORS),
    "auth_user_change": [
        Door("/admin/auth/user/{person}/change/", OPERATORS),
        Door("/admin/auth/user/{colleague}/change/", OPERATORS),
        Door("/admin/auth/user/{colleague}/change/", ADMINISTRATORS, data={"username": ""}),
    ],
    "auth_user_delete": [
        Door("/admin/auth/user/{person}/delete/", OPERATORS),
        Door("/admin/auth/user/{colleague}/delete/", ADMINISTRATORS),
    ],
    "auth_user_password_change": [
        Door("/admin/auth/user/{person}/password/", OPERATORS),
        Door("/admin/auth/user/{colleague}/password/", ADMINISTRATORS),
    ],
}
