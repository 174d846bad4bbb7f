"""Limits of one request to a model: the smallest of family, server and site."""

from dataclasses import dataclass
from typing import Final

from vision_chat.services.vision.family import Confidence, TileBilling, family_called, family_of
from vision_chat.services.vision.rules.kinds import AnyRule
from vision_chat.services.vision.rules.resized import LongestSide
from vision_chat.services.vision.server import server_of

IMAGES_WITHOUT_ADVICE: Final = 8
"""Images in a request where nobody recommends a number: each of them is paid again in every turn."""

CONTEXT_TOKENS: Final = 32_768
OUTPUT_TOKENS: Final = 4_096
"""Where nobody knows more."""

UNKNOWN_RULE: Final = LongestSide(side=2048, pixels_per_token=750)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLimits:
    """Limits of this site for an image that is sent; no copy has more, whatever the model could see."""

    max_image_side: int = 8_000
    max_image_pixels: int = (
        4_194_304  # 2048 squared: a sheet of paper is readable, and a photograph below 1 MB
    )
    max_image_bytes: int = 4_000_000
    max_body_bytes: int = 16_000_000


SITE: Final = SiteLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRules:
    """Limits of one request to a model, and how images stand in it. The defaults suit an unknown model."""

    family: str = "generic"
    """Id of the family that the rules are of."""
    max_images: int = IMAGES_WITHOUT_ADVICE
    image_before_text: bool = True  # needed by Llama 3.2 Vision, harmless elsewhere
    fold_system_text: bool = False
    """Write system text into the first text of the user where the request has images."""
    fold_without_images: bool = False
    """Write it there in every request."""
    max_image_side: int = SITE.max_image_side
    max_image_pixels: int = SITE.max_image_pixels
    max_image_bytes: int = SITE.max_image_bytes
    max_body_bytes: int = SITE.max_body_bytes
    """The whole request, images as base64."""
    max_aspect: int | None = None
    """Images of a longer shape are padded to this one, because the model refuses them."""
    context_tokens: int = CONTEXT_TOKENS
    max_output_tokens: int = OUTPUT_TOKENS
    """Sent as max_tokens always: the usual default of 512 cuts answers off."""
    pixel_rule: AnyRule = UNKNOWN_RULE
    resize_exactly: bool = False
    """The model names places in pixels of the image as seen, so the copy must have that size already."""
    billing: TileBilling | None = None
    confidence: Confidence = "assumed"
    """How sure the pixel rule is."""

    @property
    def is_sure(self) -> bool:
        """Tell whether the pixel rule was checked against the model's own processor."""
        return self.confidence in ("run", "recalculated")

    def image_tokens(self, width: int, height: int) -> int:
        """Estimate the tokens of the context that a copy of this size takes."""
        return self.pixel_rule.seen(width, height).tokens

    def billed_tokens(self, width: int, height: int) -> int:
        """Estimate the tokens that are billed for a copy of this size; the true figure is in `usage`."""
        return self.billing.tokens(width, height) if self.billing else self.image_tokens(width, height)


def request_rules(
    base_url: str, model_name: str, site: SiteLimits = SITE, *, family_id: str = ""
) -> RequestRules:
    """Return the rules for a model at an address. Without the id of a family it is guessed from the name."""
    family, server = family_called(family_id) or family_of(model_name), server_of(base_url)
    limits = server.limits_for(model_name)
    body = _least(family.max_body_bytes, server.max_body_bytes, site.max_body_bytes)
    return RequestRules(
        family=family.id,
        max_images=_least(
            family.recommended_images or server.max_images or IMAGES_WITHOUT_ADVICE,
            family.max_images,
            server.max_images,
            limits.max_images,
        ),
        image_before_text=family.image_first or not server.text_first,
        fold_system_text=family.fold_system_text,
        max_image_side=_least(server.max_image_side, site.max_image_side),
        max_image_pixels=site.max_image_pixels,
        # base64 makes four bytes of three, and a third of the body stays for text
        max_image_bytes=_least(
            family.max_image_bytes, server.max_image_bytes, site.max_image_bytes, body // 2
        ),
        max_body_bytes=body,
        max_aspect=family.max_aspect,
        context_tokens=limits.context_tokens or family.context_tokens or CONTEXT_TOKENS,
        max_output_tokens=family.max_output_tokens or OUTPUT_TOKENS,
        pixel_rule=limits.copy_rule or family.copy_rule or family.pixel_rule,
        resize_exactly=family.places.frame == "pixels",
        billing=family.billing,
        confidence=family.confidence,
    )


def _least(*limits: int | None) -> int:
    return min(limit for limit in limits if limit)
