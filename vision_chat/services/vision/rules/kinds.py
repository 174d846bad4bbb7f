"""The union of all rules: `kind` in the data chooses the class."""

from vision_chat.services.vision.rules.cropped import BalancedCrops, OverlappingCrops, Slices
from vision_chat.services.vision.rules.hosted import Claude, GeminiTiles, OpenAIPatches, OpenAITiles
from vision_chat.services.vision.rules.resized import (
    Constant,
    LongestSide,
    PatchRows,
    SmartResize,
    Square,
    TokenBudget,
)
from vision_chat.services.vision.rules.tiled import (
    AspectTiles,
    CanvasFit,
    DeepSeek,
    Idefics,
    Phi3,
    Phi4,
    Pinpoints,
)

AnyRule = (
    AspectTiles
    | BalancedCrops
    | CanvasFit
    | Claude
    | Constant
    | DeepSeek
    | GeminiTiles
    | Idefics
    | LongestSide
    | OpenAIPatches
    | OpenAITiles
    | OverlappingCrops
    | PatchRows
    | Phi3
    | Phi4
    | Pinpoints
    | Slices
    | SmartResize
    | Square
    | TokenBudget
)
