"""Parameters as they are set in tests."""

from typing import Any

ALLOWED: dict[str, list[Any]] = {
    "max_tokens": [1, 8192],
    "max_completion_tokens": [1, 8192],
    "temperature": [0, 0.7, 2],
    "top_p": [0.01, 1],
    "top_k": [1, 40],
    "min_p": [0.001, 0.999],
    "repetition_penalty": [0.5, 1.1],
    "presence_penalty": [-2, 2],
    "frequency_penalty": [-2, 2],
    "seed": [1, 2**31],
    "stop": ["END", ("a", "b", "c", "d"), ["a"]],
    "n": [1, 4],
    "logprobs": [True, False],
    "top_logprobs": [0, 20],
    "echo": [True],
    "logit_bias": [{"50256": -100}, {"1": 100.0}],
    "response_format": [
        {"type": "text"},
        {"type": "json_object"},
        {"type": "json_schema", "json_schema": {"name": "answer", "schema": {}, "strict": True}},
    ],
    "tools": [({"type": "function", "function": {"name": "look"}},)],
    "tool_choice": ["none", "auto", "required", {"type": "function", "function": {"name": "look"}}],
    "prediction": [{"type": "content", "content": "x"}],
}
"""Values that a parameter takes."""
