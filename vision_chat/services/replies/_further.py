"""The rows of what a call writes beside or after its first reply. Called on the writer's thread."""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from vision_chat.models import Completion, Conversation, Generation, Message
from vision_chat.services.figures import kept as figures
from vision_chat.services.replies._outcomes import Outcome
from vision_chat.services.replies.checkpoints import Checkpoint, hold_conversation
from vision_chat.services.replies.ends import end_generation
from vision_chat.services.replies.turn import Turn
from vision_chat.services.request_ids import id_of_call


def add_choice(checkpoint: Checkpoint, index: int, boot_id: str) -> Generation | None:
    """Create the rows of another answer of a running generation's call: a sibling of its reply.

    Returns None where the generation has ended meanwhile, or its reply was deleted.
    """
    with transaction.atomic():
        hold_conversation(checkpoint.message_id)
        running = Generation.objects.running().filter(pk=checkpoint.generation_id, message__deleted_at=None)
        first = running.select_related("message", "completion").first()
        if first is None:
            return None
        sibling = Message.objects.create(
            conversation_id=first.message.conversation_id,
            parent_id=first.message.parent_id,
            role=Message.Role.ASSISTANT,
        )
        Conversation.objects.filter(pk=sibling.conversation_id).update(tree_revision=F("tree_revision") + 1)
        figures.add_message(sibling.conversation_id)
        return Generation.objects.create(
            message=sibling,
            completion=first.completion,
            choice_index=index,
            boot_id=boot_id,
            heartbeat_at=Now(),
        )


def begin_next_part(
    checkpoint: Checkpoint, outcome: Outcome, turn: Turn, boot_id: str
) -> tuple[Generation, str] | None:
    """Save the end of a generation that was about one part of a picture, and create the rows of the next.

    Returns the new generation, and the heading that the text ends with from now on. None where the generation
    has ended meanwhile, or its reply was deleted.
    """
    part = turn.to_ask[0]
    heading = f"\n\n{part.heading}"
    with transaction.atomic():
        conversation = hold_conversation(checkpoint.message_id)
        running = Generation.objects.running().filter(pk=checkpoint.generation_id, message__deleted_at=None)
        if conversation is None or not end_generation(running, checkpoint, outcome, conversation):
            return None
        text = checkpoint.text + heading
        Message.objects.filter(pk=checkpoint.message_id).update(text=text)
        generation = turn.generation
        asked = generation.completion
        completion = Completion.objects.create(
            conversation_id=asked.conversation_id,
            person_id=asked.person_id,
            endpoint=asked.endpoint,
            model_name=asked.model_name,
            family=asked.family,
            language_model_id=asked.language_model_id,
            parameters=turn.settings.parameters.to_json(),
            system_prompt=asked.system_prompt,
            request_id=id_of_call(),
        )
        begun = Generation.objects.create(
            message_id=checkpoint.message_id,
            completion=completion,
            boot_id=boot_id,
            heartbeat_at=Now(),
            # a stop that has come since is read at the next checkpoint
            is_stop_wanted=Generation.objects.filter(
                pk=checkpoint.generation_id, is_stop_wanted=True
            ).exists(),
            part=generation.part + 1,
            tile=part.tile,
            starts_at=len(text),
        )
    return begun, heading
