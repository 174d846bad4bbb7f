"""Fills a data folder with people who are signed in: one with a conversation, the next with a long one, the
third with one of pictures and formatted answers; the third is an administrator.

    DATA_DIR=... python -m tests.bench.people 200

Prints their session keys and the conversations' addresses as JSON.
"""

import json
import os
import sys

import django

TURNS = 10
MANY_TURNS = 1000
ADMINISTRATOR = 2
ANSWERS = ("comparison_links", "python_histogram", "chart_reading", "physics_latex")
"""Texts of the corpus: a table and links, code, lists, formulas."""


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    from django.contrib.auth.models import User  # noqa: PLC0415 - needs the line above
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415

    from tests.support import factories  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    with transaction.atomic():
        people = User.objects.bulk_create(
            User(
                username=f"person{number}",
                password=f"!{number:040}",
                is_staff=number == ADMINISTRATOR,
                is_superuser=number == ADMINISTRATOR,
            )
            for number in range(count)
        )
        sessions = [session_of(person) for person in people]
        made = {
            "sessions": sessions,
            "conversation": _conversation(people[0], TURNS, 200),
            "long_conversation": _conversation(people[1], MANY_TURNS, 60),
            "illustrated_conversation": _illustrated(people[2]),
        }
    factories.index_all()
    sys.stdout.write(json.dumps(made))


def session_of(person: object) -> str:
    from django.contrib import auth  # noqa: PLC0415
    from django.contrib.auth.models import User  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415

    assert isinstance(person, User)
    session = SessionStore()
    session[auth.SESSION_KEY] = str(person.pk)
    session[auth.BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[auth.HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def _conversation(owner: object, turns: int, tokens: int) -> str:
    from django.contrib.auth.models import User  # noqa: PLC0415

    from tests.support import factories  # noqa: PLC0415
    from tests.support.fake_scenarios import recital  # noqa: PLC0415

    assert isinstance(owner, User)
    conversation = factories.conversation(owner, "What the pictures show")
    for number in range(turns):
        factories.turn(conversation, f"What does picture {number} show?", recital(number, tokens))
    return f"/c/{conversation.pk}/"


def _illustrated(owner: object) -> str:
    from django.contrib.auth.models import User  # noqa: PLC0415

    from tests.support import factories, sample_images  # noqa: PLC0415
    from tests.support.looking import run  # noqa: PLC0415
    from tests.support.markdown_texts import CORPUS  # noqa: PLC0415
    from vision_chat.services.uploads import storage  # noqa: PLC0415

    assert isinstance(owner, User)
    conversation = factories.conversation(owner, "What the pictures show")
    photographs = [sample_images.photograph(size) for size in ((2400, 1800), (1800, 2400))]
    for name in ANSWERS:
        answer = factories.turn(conversation, "What do these pictures show?", CORPUS[name])
        assert answer.parent
        pictures = [storage.store(owner, f"{name}.jpg", run(photograph)) for photograph in photographs]
        factories.attach(answer.parent, *pictures)
    return f"/c/{conversation.pk}/"


if __name__ == "__main__":
    main(int(sys.argv[1]))
