"""What the page of one conversation shows beside its reviews."""

from dataclasses import dataclass

from vision_chat.models import Conversation, Generation
from vision_chat.models.branches import branch
from vision_chat.services.presentation.messages import MessageView


@dataclass(frozen=True, slots=True)
class Transcript:
    """The branch that the owner sees, and what the owner does not see."""

    messages: list[MessageView]
    elsewhere_count: int
    """How many messages stand on other branches."""
    model_names: list[str]
    failures: list[Generation]
    """Also of other branches: the provider's words are for administrators alone."""


def transcript_of(conversation: Conversation) -> Transcript:
    messages = list(conversation.messages.with_details())
    path = branch(messages, conversation.leaf_id)
    generations = [generation for message in messages for generation in message.generations.all()]
    failures = [generation for generation in generations if generation.error_code]
    return Transcript(
        messages=[MessageView.of_row(message) for message in path],
        elsewhere_count=len(messages) - len(path),
        model_names=sorted({generation.completion.model_name for generation in generations}),
        failures=sorted(failures, key=lambda generation: generation.pk),
    )
