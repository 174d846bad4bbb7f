"""The transcript on the page of one conversation."""

from dataclasses import dataclass

from vision_chat.models import Conversation, Generation
from vision_chat.models.branches import branch
from vision_chat.services.presentation.messages import MessageView


@dataclass(frozen=True, slots=True)
class Transcript:
    """The branch that the owner sees, with facts that the owner does not see."""

    messages: list[MessageView]
    other_branch_count: int
    """Number of messages on other branches."""
    model_names: list[str]
    failures: list[Generation]
    """Generations with an error, on all branches: only administrators see the provider's messages."""


def transcript_of(conversation: Conversation) -> Transcript:
    """Read a conversation's transcript, in a fixed number of queries."""
    messages = list(conversation.messages.sent().with_details())
    path = branch(messages, conversation.leaf_id)
    generations = [generation for message in messages for generation in message.generations.all()]
    failures = [generation for generation in generations if generation.error_code]
    return Transcript(
        messages=[MessageView.of_row(message) for message in path],
        other_branch_count=len(messages) - len(path),
        model_names=sorted({generation.completion.model_name for generation in generations}),
        failures=sorted(failures, key=lambda generation: generation.pk),
    )
