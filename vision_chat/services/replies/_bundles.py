"""The images of a branch as bundles, and which of them go with the request that is made of it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vision_chat.models import UploadedImage
from vision_chat.services.replies.turn import PromptMessage
from vision_chat.services.uploads.copies import Copies
from vision_chat.services.vision.bundles import Bundle, PlannedCopy, bundles_of, copies_of
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.vision.selection import (
    Candidate,
    CopySize,
    Inclusion,
    Reason,
    reasons_by_number,
    reasons_to_leave_out,
)


@dataclass(frozen=True, slots=True)
class BranchBundle:
    """A bundle of a message of the branch, with its images."""

    bundle: Bundle
    images: tuple[UploadedImage, ...]
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class BranchImages:
    """All bundles of a branch, oldest first; `of_messages` has them message by message."""

    of_messages: Sequence[Sequence[BranchBundle]]

    @classmethod
    def of(
        cls, branch: Sequence[PromptMessage], rules: RequestRules, *, is_continued: bool = False
    ) -> "BranchImages":
        """Plan the images of a branch, whose last message is the question unless a reply is continued."""
        asking = branch[-2:] if is_continued else branch[-1:]
        inclusions = asking[0].inclusions if asking else {}
        first_asking = len(branch) - len(asking)
        return cls(
            [
                _of_message(message, rules, inclusions, is_asking=index >= first_asking)
                for index, message in enumerate(branch)
            ]
        )

    @property
    def all(self) -> list[BranchBundle]:
        return [bundle for bundles in self.of_messages for bundle in bundles]

    def wanted_copies(self, rules: RequestRules) -> list[PlannedCopy]:
        """Return the copies that are needed to decide what goes."""
        bundles = self.all
        reasons = reasons_by_number([each.candidate for each in bundles], rules)
        return copies_of(each.bundle for each, reason in zip(bundles, reasons, strict=True) if reason is None)

    def reasons(
        self, sizes: Mapping[PlannedCopy, CopySize], rules: RequestRules, token_room: int
    ) -> list[tuple[BranchBundle, Reason | None]]:
        """Return each bundle, oldest first, with the reason why it is not sent; None where it is."""
        bundles = self.all
        found = reasons_to_leave_out(
            [each.candidate for each in bundles],
            [_sizes(each.bundle, sizes) for each in bundles],
            rules,
            token_room,
        )
        return list(zip(bundles, found, strict=True))


def _of_message(
    message: PromptMessage,
    rules: RequestRules,
    inclusions: Mapping[str, Inclusion],
    *,
    is_asking: bool,
) -> list[BranchBundle]:
    """Plan the images of one message. One that the person leaves out is a bundle of its own, of no canvas.

    What is chosen for one question says nothing of its own images, but of earlier ones.
    """
    chosen = {
        each.image.pk: each.inclusion if is_asking else inclusions.get(str(each.image.pk), each.inclusion)
        for each in message.attached
    }
    left_out = [each for each in message.attached if chosen[each.image.pk] == "never"]
    shown = [each for each in message.attached if each not in left_out]
    bundles = [
        *(bundle for each in left_out for bundle in bundles_of([each.shown], rules)),
        *bundles_of([each.shown for each in shown], rules, has_canvas=message.has_canvas),
    ]
    attached = {each.image.pk: each for each in message.attached}
    return [
        BranchBundle(
            bundle,
            tuple(attached[image_id].image for image_id in bundle.image_ids),
            Candidate(
                copies=len(bundle.copies),
                inclusion=_inclusion([chosen[pk] for pk in bundle.image_ids]),
                is_asked_about=is_asking,
                is_looked_into=any(attached[pk].shown.is_looked_into for pk in bundle.image_ids),
            ),
        )
        for bundle in bundles
    ]


def _inclusion(inclusions: Sequence[Inclusion]) -> Inclusion:
    """Return what is chosen for a bundle: images that go together go where one of them is wanted."""
    return "always" if "always" in inclusions else "never" if set(inclusions) == {"never"} else "rule"


def sizes_of(copies: Copies) -> dict[PlannedCopy, CopySize]:
    """Return the sizes of copies that were made."""
    return {plan: CopySize(copy.width, copy.height, copy.bytes) for plan, copy in copies.items()}


def _sizes(bundle: Bundle, sizes: Mapping[PlannedCopy, CopySize]) -> list[CopySize] | None:
    found = [sizes.get(copy) for copy in bundle.copies]
    known = [size for size in found if size is not None]
    return known if len(known) == len(found) else None


def image_reasons(
    reasons: Sequence[tuple[BranchBundle, Reason | None]],
) -> dict[uuid.UUID, Reason | None]:
    """Return by image why it is not sent; None where one of the messages that show it sends it.

    Of several that do not, the last one counts.
    """
    found: dict[uuid.UUID, Reason | None] = {}
    for each, reason in reasons:
        for image in each.images:
            found[image.pk] = reason if found.get(image.pk, reason) is not None else None
    return found
