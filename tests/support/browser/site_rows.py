"""The rows of a site that browser tests begin with, and what they read of them."""

from typing import cast

from playwright.sync_api import StorageState

from tests.support.browser.rows import Rows
from tests.support.fake_endpoint import FakeEndpoint

PASSWORD = "correct horse battery staple"
PEOPLE = ("ann", "ben", "cleo", "dora", "eve")
CREATE_PEOPLE = f"""
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
password = make_password({PASSWORD!r})  # once: it is made to take long
for name in {PEOPLE}:
    User.objects.create(username=name, password=password)
User.objects.create(username="root", password=password, is_staff=True, is_superuser=True)
"""
CREATE_PERSON = f"""
from django.contrib.auth.models import User
User.objects.create(username={{name!r}}, password=User.objects.get(username={PEOPLE[0]!r}).password)
"""
SIGN_IN = """
from django.contrib.auth.models import User
from django.test import Client
client = Client()
client.force_login(User.objects.get(username={name!r}))
print(client.cookies["sessionid"].value)
"""
CREATE_MODELS = """
from django.contrib.auth.models import Group, User
from tests.support import models_of_sites
group = Group.objects.create(name={name!r})
User.objects.get(username={name!r}).groups.add(group)
place = models_of_sites.endpoint(f"Models of {name}", {base_url!r}, max_replies={max_replies})
for values in {models!r}:
    models_of_sites.language_model(at=place, **values).groups.add(group)
"""
RETIRE_MODELS = """
from vision_chat.models import LanguageModel
LanguageModel.objects.filter(groups__name={name!r}).update(is_enabled=False)
"""
CREATE_CONVERSATIONS = """
from django.contrib.auth.models import User
from django.db import transaction
from tests.support import factories
owner = User.objects.get(username={name!r})
with transaction.atomic():
    for number in range({count}):
        factories.conversation(owner, f"{title} {{number}}", days_ago=number / 16)
"""
READ_CONVERSATIONS = """
from django.contrib.auth.models import User
from tests.support.people import granted
from vision_chat.models import AuditEntry, Conversation
from vision_chat.services import audit
root = User.objects.get(username="root")
conversations = list(Conversation.objects.filter(owner__username={name!r}))
for conversation in conversations:
    granted(root, conversation, reason={reason!r})
    audit.opened(root, conversation)
audit.record_each(AuditEntry.Action.EXPORTED, root, conversations, details={{"format": "jsonl"}})
rights = {{"added": ["group: Leads", "staff"]}}
audit.record(AuditEntry.Action.RIGHTS, root, subject=conversations[0].owner, details=rights)
conversations[0].delete()
"""
CREATE_LONG_CONVERSATION = """
from django.contrib.auth.models import User
from django.db import transaction
from tests.support import factories
from vision_chat.models import Conversation
owner = User.objects.get(username={name!r})
with transaction.atomic():
    ids = factories.long_conversation(owner, {count}, {title!r})
    conversation = Conversation.objects.get(messages=ids[0])
    factories.index(conversation)
print(conversation.pk, *ids)
"""
CREATE_PICTURES = """
from django.contrib.auth.models import User
from tests.support import factories, gallery, sample_images
from vision_chat.models import UploadedImage
owner = User.objects.get(username={name!r})
made = gallery.shown_images(owner, {count})
files = factories.image(owner)
with files.thumbnail.storage.open(files.thumbnail.name, "wb") as file:
    file.write(sample_images.encoded(sample_images.chart((704, 528)), "WEBP"))
UploadedImage.objects.filter(pk__in=[image.pk for image in made]).update(
    original=files.original.name, thumbnail=files.thumbnail.name
)
"""
ATTACH_PICTURES = """
from tests.support import factories, sample_images
from tests.support.looking import run
from vision_chat.models import Message
from vision_chat.services.uploads import storage
data = sample_images.encoded(sample_images.chart(), "PNG")
for message in Message.objects.filter(pk__in={ids}):
    owner = message.conversation.owner
    factories.attach(message, storage.store(owner, f"{{message.pk}}.png", run(data)))
"""
CREATE_RUNNING = """
from datetime import timedelta
from django.contrib.auth.models import User
from django.utils import timezone
from tests.support import factories
from vision_chat.models import Generation
owner = User.objects.get(username={name!r})
boot_id = Generation.objects.latest("pk").boot_id
alive = dict(status="running", boot_id=boot_id, heartbeat_at=timezone.now() + timedelta(hours=1))
factories.turn(factories.conversation(owner, {title!r}), answer="The answer so", **alive)
"""
SHOW_NO_LIFE = """
from datetime import timedelta
from django.utils import timezone
from vision_chat.models import Generation
of_conversation = Generation.objects.filter(message__conversation__title={title!r})
of_conversation.update(heartbeat_at=timezone.now() - timedelta(hours=1))
"""
CREATE_QUEUE = """
from django.contrib.auth.models import User
from django.db import transaction
from tests.support import factories, review_factories, sample_images
from tests.support.looking import run
from vision_chat.models import Message
from vision_chat.services.review_queues import versions
from vision_chat.services.uploads import storage
questions = [
    {{
        "key": "picture",
        "kind": "yes_no",
        "label": "Did it read the picture?",
        "bad_choices": "no",
        "reasons": "Missed something\\nMade something up",
        "policy": "Only what is **in the picture** counts.",
        "is_required": True,
    }},
    {{"key": "clear", "kind": "scale", "label": "How clear is it?", "choices": "1\\n5"}},
]
password = User.objects.get(username={owner!r}).password
with transaction.atomic():
    rubric = review_factories.rubric({name!r}, *questions)
    rubric.policy = "Judge **what it says**, not how it says it.\\n\\n- wrong facts are flawed"
    rubric.save()
    versions.save_rubric_version(rubric)
    queue = review_factories.queue({name!r}, rubric, **{values!r})
    items = review_factories.items(queue, User.objects.get(username={owner!r}), {count})
    for reviewer in {reviewers!r}:
        review_factories.reviewer(reviewer)
    User.objects.filter(username__in={reviewers!r}).update(password=password)
for item in items:
    question = Message.objects.get(conversation=item.conversation, role="user")
    data = sample_images.encoded(sample_images.chart(), "PNG")
    factories.attach(question, storage.store(item.conversation.owner, "chart.png", run(data)))
print(queue.pk, *[item.pk for item in items])
"""
COUNT_RUNNING = """
from vision_chat.models import Generation
print(Generation.objects.running().count())
"""
SAVED_ANSWER = """
from vision_chat.models import Message
answers = Message.objects.filter(role="assistant").order_by("pk")
print(answers.values_list("text", flat=True).last() or "", end="")
"""


class SiteRows(Rows):
    """Makes and reads rows of a site, by programs. `fake` is the endpoint of its language models."""

    def __init__(self, environment: dict[str, str], fake: FakeEndpoint) -> None:
        super().__init__(environment)
        self._fake = fake

    def create_people(self) -> None:
        """Somebody for every part: PEOPLE, and root, who may do everything."""
        self.run(CREATE_PEOPLE)

    def create_person(self, name: str) -> None:
        """One more, for a test that needs somebody of its own."""
        self.run(CREATE_PERSON.format(name=name))

    def sign_in(self, name: str) -> StorageState:
        """Begin a session. Returns what a browser in which this person has signed in keeps."""
        key = self.run(SIGN_IN.format(name=name)).strip()
        cookie = {"name": "sessionid", "value": key, "domain": "127.0.0.1", "path": "/"}
        attributes = {"expires": -1, "httpOnly": True, "secure": False, "sameSite": "Lax"}
        return cast(StorageState, {"cookies": [cookie | attributes], "origins": []})

    def create_models(self, name: str, *models: dict[str, object], max_replies: int | None = None) -> None:
        """Language models at the fake endpoint that this person alone may use: columns of each.

        With `max_replies` it has an address of its own, at which so many are written at once.
        """
        base_url = self._fake.base_url if max_replies is None else f"{self._fake.base_url}?of={name}"
        program = CREATE_MODELS.format(name=name, base_url=base_url, models=models, max_replies=max_replies)
        self.run(program)

    def create_queue(
        self, name: str, owner: str, count: int, *reviewers: str, **values: object
    ) -> tuple[int, list[int]]:
        """Make a queue of conversations with a picture, and people who review. Returns the ids of both."""
        program = CREATE_QUEUE.format(name=name, owner=owner, count=count, reviewers=reviewers, values=values)
        queue, *items = self.run(program).split()
        return int(queue), [int(pk) for pk in items]

    def retire_models(self, name: str) -> None:
        """Let nobody use them any more."""
        self.run(RETIRE_MODELS.format(name=name))

    def create_conversations(self, name: str, count: int, title: str = "Conversation") -> None:
        """Of this person, called `title` and a number, an hour and a half apart; the first is the latest."""
        self.run(CREATE_CONVERSATIONS.format(name=name, count=count, title=title))

    def read_conversations(self, name: str, reason: str) -> None:
        """Let root read and export all of this person, and delete one of them."""
        self.run(READ_CONVERSATIONS.format(name=name, reason=reason))

    def create_long_conversation(self, name: str, count: int, title: str) -> tuple[str, list[int]]:
        """Make a conversation of so many messages. Returns its address and their ids, in their order."""
        key, *ids = self.run(CREATE_LONG_CONVERSATION.format(name=name, count=count, title=title)).split()
        return f"/c/{key}/", [int(pk) for pk in ids]

    def create_pictures(self, name: str, count: int) -> None:
        """Pictures that this person has asked about, all of them with the same files."""
        self.run(CREATE_PICTURES.format(name=name, count=count))

    def attach_pictures(self, *ids: int) -> None:
        """Give each of these messages a picture, whose name is its id."""
        self.run(ATTACH_PICTURES.format(ids=ids))

    def create_running(self, name: str, title: str) -> None:
        """A conversation of this person whose answer looks as if the server that runs now were writing it."""
        self.run(CREATE_RUNNING.format(name=name, title=title))

    def show_no_life(self, title: str) -> None:
        """Make what runs in this conversation look as if its process had died."""
        self.run(SHOW_NO_LIFE.format(title=title))

    def count_running(self) -> int:
        """Return how many replies are being written."""
        return int(self.run(COUNT_RUNNING))

    def saved_answer(self) -> str:
        """Return what would be left of the latest answer if the server died now."""
        return self.run(SAVED_ANSWER)
