"""Building of prompts: the copies that a request needs are made, then its messages."""

from collections.abc import Sequence

from vision_chat.services.replies._bundles import BranchImages
from vision_chat.services.replies._prompt import Prompt, build_prompt
from vision_chat.services.replies.dependencies import Dependencies
from vision_chat.services.replies.turn import PromptMessage
from vision_chat.services.uploads.copies import Copies, with_copies
from vision_chat.services.vision.request_rules import RequestRules

__all__ = ["Prompt", "prompt_for"]


async def prompt_for(
    branch: Sequence[PromptMessage],
    rules: RequestRules,
    dependencies: Dependencies,
    *,
    system_prompt: str = "",
    is_continued: bool = False,
) -> Prompt:
    """Build the prompt of a branch by these rules.

    Raises PromptTooLongError, ImageGoneError, and ServerErrors where images cannot be read now.
    """
    images = BranchImages.of(branch, rules, is_continued=is_continued)

    def build(copies: Copies) -> Prompt:
        return build_prompt(branch, rules, copies, system_prompt=system_prompt, is_continued=is_continued)

    return await with_copies(
        images.wanted_copies(rules),
        [image for each in images.all for image in each.images],
        dependencies.writer,
        dependencies.images,
        build,
    )
