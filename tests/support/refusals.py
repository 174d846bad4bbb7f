"""Refusals of real endpoints, in the words in which people reported them, each with what it means.

`habits` are (kind, value) of what can be amended; `cause` is the error where it cannot.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from vision_chat.errors import completions as errors

Habit = tuple[str, str]


@dataclass(frozen=True)
class Refusal:
    """One refusal: who sends it, its status and body, and what it means."""

    server: str
    status: int
    body: Any
    cause: type[errors.CompletionError]
    habits: tuple[Habit, ...] = ()

    @property
    def raw(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()

    def __str__(self) -> str:
        return f"{self.server} {self.status} {self.cause.code} {'/'.join(map(':'.join, self.habits))}"


def openai(message: str, code: str | None = None, param: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def vllm(message: str) -> dict[str, Any]:
    return {"object": "error", "message": message, "type": "BadRequestError", "param": None, "code": 400}


def pydantic(
    *location: str | int, said: str = "Extra inputs are not permitted", **more: Any
) -> dict[str, Any]:
    return {"detail": [{"type": "extra_forbidden", "loc": list(location), "msg": said, **more}]}


def anthropic(message: str, kind: str = "invalid_request_error") -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


def google(code: int, message: str, status: str, details: Any = None) -> list[dict[str, Any]]:
    return [{"error": {"code": code, "message": message, "status": status, "details": details or []}}]


def unsent(*names: str) -> tuple[Habit, ...]:
    return tuple(("parameter", name) for name in names)


def _each(server: str, status: int, cause: type[errors.CompletionError], *bodies: Any) -> Iterable[Refusal]:
    return (Refusal(server, status, body, cause) for body in bodies)


REFUSED = errors.RequestRefusedError
LONG = errors.ContextTooLongError
BLIND = errors.NoImagesError
NONE = (("images", "0"),)

PARAMETERS = (
    Refusal("Azure", 400, openai("Unrecognized request argument supplied: stream_options"), REFUSED, unsent("stream_options")),
    Refusal("FastAPI", 422, pydantic("body", "stream_options"), REFUSED, unsent("stream_options")),
    Refusal("FastAPI 1", 422, {"detail": [{"loc": ["body", "stream_options"], "msg": "extra fields not permitted", "type": "value_error.extra"}]}, REFUSED, unsent("stream_options")),
    Refusal("two at once", 422, {"detail": pydantic("body", "stream_options")["detail"] + pydantic("body", "seed", "x")["detail"] + pydantic("body", "top_k")["detail"]}, REFUSED, unsent("stream_options", "top_k")),
    Refusal("Mistral", 422, {"object": "error", "message": pydantic("body", "stream_options", input={"include_usage": True})}, REFUSED, unsent("stream_options")),
    Refusal("Azure AI", 400, {"detail": "Extra parameters ['stream_options'] are not allowed when extra-parameters is not set or set to be 'error'. Set extra-parameters to 'pass-through' to pass to the model."}, REFUSED, unsent("stream_options")),
    Refusal("Gemini", 400, google(400, 'Invalid JSON payload received. Unknown name "stream_options": Cannot find field.', "INVALID_ARGUMENT"), REFUSED, unsent("stream_options")),
    Refusal("Go server", 400, openai('json: unknown field "stream_options"'), REFUSED, unsent("stream_options")),
    Refusal("serde", 422, {"error": "unknown field `stream_options`, expected one of `model`, `messages`"}, REFUSED, unsent("stream_options")),
    Refusal("JSON schema", 400, {"error": "Additional properties are not allowed ('stream_options' was unexpected)"}, REFUSED, unsent("stream_options")),
    Refusal("Groq", 400, openai("property 'stream_options' is unsupported", param="stream_options"), REFUSED, unsent("stream_options")),
    Refusal("Cerebras", 422, {"message": "body.logit_bias: property 'body.logit_bias' is unsupported", "type": "invalid_request_error", "param": "validation_error", "code": "wrong_api_format"}, REFUSED, unsent("logit_bias")),
    Refusal("llama-cpp-python", 500, openai("create_chat_completion() got an unexpected keyword argument 'stream_options'"), REFUSED, unsent("stream_options")),
    Refusal("Bedrock", 400, {"message": "Malformed input request: #: extraneous key [stream_options] is not permitted, please reformat your input and try again."}, REFUSED, unsent("stream_options")),
    Refusal("param only", 400, openai("This is not supported.", "unsupported_parameter", "stream_options"), REFUSED, unsent("stream_options")),
    Refusal("OpenAI", 400, openai("Unsupported parameter: 'temperature' is not supported with this model.", "unsupported_parameter", "temperature"), REFUSED, unsent("temperature")),
    Refusal("OpenAI o1", 400, openai("Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is supported.", "unsupported_value", "temperature"), REFUSED, unsent("temperature")),
    Refusal("OpenAI o3", 400, openai("Unsupported parameter: 'top_p' is not supported with this model.", "unsupported_parameter", "top_p"), REFUSED, unsent("top_p")),
    Refusal("OpenAI o1 stream", 400, openai("Unsupported value: 'stream' does not support true with this model. Only the default (false) value is supported.", "unsupported_value", "stream"), REFUSED, unsent("stream")),
    Refusal("Anthropic", 400, anthropic("frequency_penalty: Extra inputs are not permitted"), REFUSED, unsent("frequency_penalty")),
    Refusal("Anthropic", 400, anthropic("`temperature` and `top_p` cannot both be specified for this model. Please use only one."), REFUSED, unsent("top_p")),
    Refusal("LiteLLM", 400, openai("litellm.UnsupportedParamsError: vertex_ai does not support parameters: ['frequency_penalty', 'presence_penalty'], for model=gemini-2.0"), REFUSED, unsent("frequency_penalty", "presence_penalty")),
    Refusal("xAI", 400, {"code": "Client specified an invalid argument", "error": "Argument not supported on this model: presence_penalty"}, REFUSED, unsent("presence_penalty")),
    Refusal("vLLM", 400, vllm("[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted', 'input': {'include_usage': True}}]"), REFUSED, unsent("stream_options")),
    Refusal("FastAPI in words", 422, {"error": "1 validation error for ChatCompletionRequest\nbody -> stream_options\n  extra fields not permitted (type=value_error.extra)"}, REFUSED, unsent("stream_options")),
    Refusal("a gateway", 400, openai("Invalid parameter: stream_options"), REFUSED, unsent("stream_options")),
    Refusal("a gateway", 400, openai("stream_options: Field not allowed"), REFUSED, unsent("stream_options")),
    Refusal("out of range", 400, openai("Invalid parameter: temperature must be between 0 and 1"), REFUSED),
    Refusal("nested in OpenRouter", 400, {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": json.dumps(openai("Unknown parameter: 'stream_options'.")), "provider_name": "X"}}}, REFUSED, unsent("stream_options")),
    Refusal("OpenAI o1", 400, openai("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "unsupported_parameter", "max_tokens"), REFUSED, (("completion_tokens", ""),)),
    Refusal("Azure", 400, openai("max_tokens is not supported with this model; please use max_completion_tokens"), REFUSED, (("completion_tokens", ""),)),
    Refusal("old Azure", 400, openai("Unrecognized request argument supplied: max_completion_tokens"), REFUSED, unsent("max_completion_tokens")),
)  # fmt: skip

LIMITS = (
    Refusal("OpenAI", 400, openai("This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (4904 in the messages, 4096 in the completion). Please reduce the length of the messages or completion.", "context_length_exceeded", "messages"), LONG, (("context", "8192"),)),
    Refusal("OpenAI", 400, openai("This model's maximum context length is 4097 tokens. However, your messages resulted in 192871 tokens."), LONG, (("context", "4097"),)),
    Refusal("vLLM", 400, vllm("'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 2048 tokens and your request has 100 input tokens (4096 > 2048 - 100). None"), LONG, (("context", "2048"),)),
    Refusal("vLLM 0.11", 400, {"error": vllm("This model's maximum context length is 262144 tokens. However, you requested 128000 output tokens and your prompt contains at least 134145 input tokens, for a total of at least 262145 tokens. (parameter=input_tokens, value=134145)")}, LONG, (("context", "262144"),)),
    Refusal("vLLM prompt", 400, vllm("The decoder prompt (length 9000) is longer than the maximum model length of 8192. Make sure that `max_model_len` is no smaller than the number of text tokens."), LONG, (("context", "8192"),)),
    Refusal("llama.cpp", 400, {"error": {"code": 400, "message": "the request exceeds the available context size. try increasing the context size or enable context shift", "type": "exceed_context_size_error", "n_prompt_tokens": 14429, "n_ctx": 8192}}, LONG, (("context", "8192"),)),
    Refusal("llama.cpp as 500", 500, {"error": {"code": 500, "message": "the request exceeds the available context size. try increasing the context size or enable context shift", "type": "exceed_context_size_error", "n_prompt_tokens": 1407, "n_ctx": 256}}, LONG, (("context", "256"),)),
    Refusal("llama.cpp now", 400, {"error": {"code": 400, "message": "request (9001 tokens) exceeds the available context size (8192 tokens), try increasing it", "type": "exceed_context_size_error", "n_prompt_tokens": 9001, "n_ctx": 8192}}, LONG, (("context", "8192"),)),
    Refusal("llama-cpp-python", 400, openai("Requested tokens (516) exceed context window of 512"), LONG, (("context", "512"),)),
    Refusal("LM Studio", 400, {"error": "Trying to keep the first 5134 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input"}, LONG, (("context", "4096"),)),
    Refusal("TGI, Together", 422, {"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 3997 `inputs` tokens and 100 `max_new_tokens`", "error_type": "validation"}, LONG, (("context", "4096"),)),
    Refusal("TGI", 422, {"error": "Input validation error: `inputs` must have less than 1024 tokens. Given: 1168", "error_type": "validation"}, LONG, (("context", "1023"),)),
    Refusal("SGLang", 400, {"object": "error", "message": "The input (9000 tokens) is longer than the model's context length (8192 tokens).", "type": "BadRequestError", "code": 400}, LONG, (("context", "8192"),)),
    Refusal("SGLang", 400, {"object": "error", "message": "Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens). Use a shorter input or enable --allow-auto-truncate.", "code": 400}, LONG, (("context", "59862"),)),
    Refusal("SGLang", 400, {"object": "error", "message": "Requested token count exceeds the model's maximum context length of 131072 tokens. You requested a total of 140000 tokens", "code": 400}, LONG, (("context", "131072"),)),
    Refusal("Mistral", 400, {"object": "error", "message": "Prompt contains 40960 tokens and 0 draft tokens, too large for model with 32768 maximum context length", "type": "invalid_request_prompt"}, LONG, (("context", "32768"),)),
    Refusal("Anthropic", 400, anthropic("prompt is too long: 210000 tokens > 200000 maximum"), LONG, (("context", "200000"),)),
    Refusal("Anthropic", 400, anthropic("input length and `max_tokens` exceed context limit: 199759 + 8192 > 200000, decrease input length or `max_tokens` and try again"), LONG, (("context", "200000"),)),
    Refusal("Gemini", 400, google(400, "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", "INVALID_ARGUMENT"), LONG, (("context", "1048576"),)),
    Refusal("xAI", 400, {"code": "invalid argument", "error": "This model's maximum prompt length is 131,072 but the request contains 500000 tokens."}, LONG, (("context", "131072"),)),
    Refusal("Fireworks", 400, openai("The prompt is too long: 140000, model maximum context length: 131071"), LONG, (("context", "131071"),)),
    Refusal("Moonshot", 400, openai("Invalid request: Your request exceeded model token limit: 8192 (requested: 9000)"), LONG, (("context", "8192"),)),
    Refusal("DashScope", 400, openai("<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]", "invalid_parameter_error"), LONG, (("context", "30720"),)),
    Refusal("OpenRouter as 413", 413, {"error": {"message": "This endpoint's maximum context length is 131072 tokens. However, you requested about 150000 tokens.", "code": 413}}, LONG, (("context", "131072"),)),
    Refusal("OpenAI", 400, openai("max_tokens is too large: 6000. This model supports at most 4096 completion tokens, whereas you provided 6000.", "invalid_value", "max_tokens"), REFUSED, (("output", "4096"),)),
    Refusal("Anthropic", 400, anthropic("max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for claude-3-haiku-20240307"), REFUSED, (("output", "4096"),)),
    Refusal("Groq", 400, openai("max_tokens for `llama-3.1-8b-instant` must be less than or equal to 8000"), REFUSED, (("output", "8000"),)),
    Refusal("Groq", 400, openai("`max_completion_tokens` must be less than or equal to `8192`, the maximum value for `max_completion_tokens` is less than the `context_window` for this model", param="max_completion_tokens"), REFUSED, (("output", "8192"),)),
    Refusal("DeepSeek", 400, openai("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]"), REFUSED, (("output", "8192"),)),
    Refusal("DashScope", 400, openai("Range of max_tokens should be [1, 2000]"), REFUSED, (("output", "2000"),)),
    Refusal("a gateway", 400, {"code": 400, "reason": "INVALID_REQUEST_BODY", "message": "max_tokens (current value: 4096) must be between 0 and 4000 ", "metadata": {}}, REFUSED, (("output", "4000"),)),
    Refusal("Bedrock", 400, {"message": "The maximum tokens you requested exceeds the model limit of 2048. Try again with a maximum tokens value that is lower than 2048."}, REFUSED, (("output", "2048"),)),
    Refusal("Vertex", 400, google(400, "Unable to submit request because it has a maxOutputTokens value of 100000 but the supported range is from 1 (inclusive) to 65537 (exclusive). Update the value and try again.", "INVALID_ARGUMENT"), REFUSED, (("output", "65536"),)),
    Refusal("TGI", 422, {"error": "Input validation error: `max_new_tokens` must be <= 192. Given: 200", "error_type": "validation"}, REFUSED, (("output", "192"),)),
    Refusal("Cloudflare", 413, {"errors": [{"message": "AiError: The estimated number of input and maximum output tokens (9000) exceeded this model context window limit (7968).", "code": 5021}]}, LONG, (("context", "7968"),)),
    Refusal("Cohere", 400, {"message": "message too long: total number of tokens in the prompt cannot exceed 4081 - received 5000"}, LONG, (("context", "4081"),)),
    Refusal("Cohere", 400, {"message": "too many tokens: max tokens must be less than or equal to 4096, the maximum output length for this model - received 9000."}, REFUSED, (("output", "4096"),)),
    Refusal("Nova", 400, {"message": "Malformed input request: #/inferenceConfig/maxTokens: 20000 is not less or equal to 10000, please reformat your input"}, REFUSED, (("output", "10000"),)),
    Refusal("no number", 400, openai("Please reduce the length of the messages or completion.", "context_length_exceeded"), LONG),
    Refusal("no number", 400, vllm("max_tokens must be at least 1, got -950."), LONG),
    Refusal("Bedrock", 400, {"message": "Input is too long for requested model."}, LONG),
    Refusal("MiniMax", 400, openai("invalid params, context window exceeds limit (2013)"), LONG),
)  # fmt: skip

IMAGES = (
    Refusal("vLLM", 400, vllm("At most 1 image(s) may be provided in one request."), REFUSED, (("images", "1"),)),
    Refusal("vLLM", 400, {"error": vllm("At most 5 image(s) may be provided in one prompt.")}, REFUSED, (("images", "5"),)),
    Refusal("Groq", 400, openai("Too many images provided. This model supports up to 5 images"), REFUSED, (("images", "5"),)),
    Refusal("Mistral", 400, {"object": "error", "message": "Too many images in request: 9. Maximum is 8.", "code": "3051"}, REFUSED, (("images", "8"),)),
    Refusal("Copilot", 400, openai("Too many images in request: 11 images provided, but the model supports a maximum of 10 images."), REFUSED, (("images", "10"),)),
    Refusal("new-api", 500, openai("too many images in the message, max allowed is 16"), REFUSED, (("images", "16"),)),
    Refusal("Bedrock", 400, {"message": "The model returned the following errors: messages: too many images: image_count > 20"}, REFUSED, (("images", "20"),)),
    Refusal("Bedrock", 400, {"message": "too many images and documents: 21 + 0 > 20"}, REFUSED, (("images", "20"),)),
    Refusal("Azure", 400, openai("The number of images (11) exceeds the limit of 10"), REFUSED, (("images", "10"),)),
    Refusal("one only", 400, openai("This model supports only one image per request."), REFUSED, (("images", "1"),)),
    Refusal("one only", 400, openai("This model only supports one image"), REFUSED, (("images", "1"),)),
    Refusal("in brackets", 400, openai("You have exceeded the maximum number of images (10)"), REFUSED, (("images", "10"),)),
    Refusal("DashScope", 400, openai("Number of images 12 exceeds maximum 10"), REFUSED, (("images", "10"),)),
    Refusal("max", 422, {"detail": "max 5 images allowed, got 7"}, REFUSED, (("images", "5"),)),
    Refusal("no several", 400, openai("Model does not support multiple images"), REFUSED, (("images", "1"),)),
    Refusal("no number", 400, openai("Too many images."), REFUSED, (("images", "1"),)),
    Refusal("vLLM", 400, vllm("At most 0 image(s) may be provided in one request."), BLIND, NONE),
    Refusal("vLLM", 400, vllm("Llama-3.1-8B is not a multimodal model"), BLIND, NONE),
    Refusal("OpenAI", 400, openai("Invalid content type. image_url is only supported by certain models.", param="messages.[1].content.[0].type"), BLIND, NONE),
    Refusal("Ollama", 400, {"error": "this model does not support image input"}, BLIND, NONE),
    Refusal("Ollama", 500, openai("this model is missing data required for image input"), BLIND, NONE),
    Refusal("llama.cpp", 500, {"error": {"code": 500, "message": "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj", "type": "server_error"}}, BLIND, NONE),
    Refusal("LM Studio", 400, {"error": "Model does not support images. Please use a model that does."}, BLIND, NONE),
    Refusal("OpenRouter", 404, {"error": {"message": "No endpoints found that support image input", "code": 404}}, BLIND, NONE),
    Refusal("Groq", 400, openai("messages[1].content must be a string", param="messages[1].content"), BLIND, NONE),
    Refusal("DeepSeek", 400, openai("Failed to deserialize the JSON body into the target type: messages[0]: unknown variant `image_url`, expected `text` at line 1 column 690"), BLIND, NONE),
    Refusal("DeepSeek", 422, openai("Failed to deserialize the JSON body into the target type: messages[2]: invalid type: sequence, expected a string at line 1 column 2901"), BLIND, NONE),
    Refusal("DeepSeek", 422, openai("messages[2]: data did not match any variant of untagged enum ChatCompletionRequestContent at line 1 column 15700"), BLIND, NONE),
    Refusal("FastAPI", 422, {"detail": [{"type": "string_type", "loc": ["body", "messages", 1, "content"], "msg": "Input should be a valid string", "input": [{"type": "text"}]}]}, BLIND, NONE),
    Refusal("Bedrock", 400, {"message": "This model doesn't support the image content block that you provided. Try again with a different content block."}, BLIND, NONE),
    Refusal("Gemini", 400, google(400, "Image input modality is not enabled for models/gemma-3-1b-it", "INVALID_ARGUMENT"), BLIND, NONE),
    Refusal("Z.ai", 400, openai("The model does not support vision"), BLIND, NONE),
    Refusal("NIM", 400, openai("Invalid content type 'image_url'. Only 'text' is supported."), BLIND, NONE),
    Refusal("MLX", 404, {"error": "Only 'text' content type is supported."}, BLIND, NONE),
    Refusal("Zhipu", 400, {"error": {"code": "1210", "message": "messages.content.type 参数非法, 取值范围 ['text']"}}, BLIND, NONE),
    Refusal("DashScope", 400, openai("<400> InternalError.Algo.InvalidParameter: Input should be a valid string: messages.[1].content"), BLIND, NONE),
    Refusal("LM Studio", 400, {"error": "Vision add-on is not loaded, but images were provided for processing"}, BLIND, NONE),
    Refusal("xAI", 400, {"code": "invalid", "error": "Image inputs are not supported by this model."}, BLIND, NONE),
    Refusal("LiteLLM", 400, openai("litellm.BadRequestError: GroqException - {\"error\":{\"message\":\"messages[0].content must be a string\"}}"), BLIND, NONE),
    Refusal("a gateway", 400, openai("该模型不支持图片输入"), BLIND, NONE),
)  # fmt: skip

SYSTEMS = (
    Refusal("vLLM, Groq", 400, openai("prompting with images is incompatible with system messages"), REFUSED, (("system_beside_images", ""),)),
    Refusal("vLLM", 400, vllm("System role not supported"), REFUSED, (("system", ""),)),
    Refusal("OpenAI o1", 400, openai("Unsupported value: 'messages[0].role' does not support 'system' with this model.", "unsupported_value", "messages[0].role"), REFUSED, (("system", ""),)),
    Refusal("Gemini", 400, google(400, "Developer instruction is not enabled for models/gemma-3-27b-it", "INVALID_ARGUMENT"), REFUSED, (("system", ""),)),
    Refusal("TGI", 422, {"error": "Template error: syntax error: Conversation roles must alternate user/assistant/user/assistant/... (in <string>:15)", "error_type": "template_error"}, REFUSED, (("system", ""),)),
    Refusal("Anthropic proxy", 400, anthropic('messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter'), REFUSED, (("system", ""),)),
    Refusal("Bedrock", 400, {"message": "This model doesn't support system messages. Try again without system messages or use a model that supports system messages."}, REFUSED, (("system", ""),)),
    Refusal("LM Studio", 400, {"error": 'Error rendering prompt with jinja template: "Only user and assistant roles are supported!".'}, REFUSED, (("system", ""),)),
    Refusal("a gateway", 400, openai("'system' role is not supported"), REFUSED, (("system", ""),)),
    Refusal("a gateway", 400, openai("messages[0].role must be user or assistant"), REFUSED, (("system", ""),)),
    Refusal("a gateway", 400, openai("invalid role: system"), REFUSED, (("system", ""),)),
)  # fmt: skip

AMENDABLE = (*PARAMETERS, *LIMITS, *IMAGES, *SYSTEMS)

BAD_IMAGE = errors.ImageRefusedError
BAD_IMAGES = (
    *_each("Anthropic", 400, BAD_IMAGE,
        anthropic("Could not process image"),
        anthropic("messages.3.content.1.image.source.base64: Could not process image"),
        anthropic("messages.17.content.12.image.source.base64.data: Image does not match the provided media type image/png"),
        anthropic("messages.0.content.30.image.source.base64.data: At least one of the image dimensions exceed max allowed size for many-image requests: 2000 pixels"),
        anthropic("messages.2.content.0.image.source.base64: image exceeds 5 MB maximum: 5594584 bytes > 5242880 bytes"),
    ),
    *_each("OpenAI", 400, BAD_IMAGE,
        openai("Invalid image.", "invalid_image"),
        openai("Invalid image."),
        openai("You uploaded an unsupported image. Please make sure your image has of one the following formats: ['png', 'jpeg', 'gif', 'webp'].", "invalid_image_format"),
        openai("You uploaded an unsupported image. Please make sure your image is valid.", "image_parse_error"),
        openai("The image data you provided does not represent a valid image. Please check your input and try again with one of the supported image formats: ['image/jpeg', 'image/png', 'image/gif', 'image/webp'].", "invalid_value", "input"),
        openai("Invalid 'messages[2].content[1].image_url.url'. Expected a base64-encoded data URL with an image MIME type (e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got unsupported MIME type 'application/octet-stream'.", "invalid_value"),
        openai("Failed to download image from data URL.", "invalid_image_url"),
    ),
    *_each("a gateway", 400, BAD_IMAGE, openai(".messages[46].image[0]: You have uploaded an unsupported image. Please make sure your image is valid and has one of the following formats: webp, png, jpeg, and gif.")),
    *_each("Gemini", 400, BAD_IMAGE, google(400, "Unable to process input image. Please retry or report in https://developers.generativeai.google/guide/troubleshooting", "INVALID_ARGUMENT"), google(400, "Provided image is not valid.", "INVALID_ARGUMENT")),
    *_each("vLLM", 400, BAD_IMAGE, vllm("cannot identify image file <_io.BytesIO object at 0x7f6d2c3b1d50>"), vllm("Failed to load image: image file is truncated (42 bytes not processed)")),
    *_each("vLLM", 500, BAD_IMAGE, vllm("absolute aspect ratio must be smaller than 200, got 312.5")),
    *_each("llama.cpp", 400, BAD_IMAGE, {"error": {"code": 400, "message": "Failed to load image or audio file", "type": "invalid_request_error"}}),
    *_each("Ollama", 500, BAD_IMAGE, openai("Failed to create new sequence: failed to process inputs: image: unknown format"), {"error": "invalid image input"}),
    *_each("Together", 422, BAD_IMAGE, openai("Failed to decode image: the provided base64 image is invalid")),
    *_each("Azure", 400, BAD_IMAGE, openai("Invalid Image (Based64) data", "invalid_image")),
    *_each("DashScope", 400, BAD_IMAGE, openai("<400> InternalError.Algo.InvalidParameter: The image length and width do not meet the model restrictions. [height:8 or width:8 must be larger than 10]"), openai("图片数据解析失败")),
)  # fmt: skip
"""Refusals of one image, which is named by some."""

CHALLENGE = (
    '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head><body></body></html>'
)
BLOCKED = (
    "<!DOCTYPE html><title>Attention Required! | Cloudflare</title><h1>Sorry, you have been blocked</h1>"
)

CAUSES = (
    *_each("OpenAI", 403, errors.RegionError, openai("Country, region, or territory not supported", "unsupported_country_region_territory")),
    *_each("one-api", 403, errors.RegionError, openai("Country, region, or territory not supported (request id: 2024)")),
    *_each("Gemini", 400, errors.RegionError, google(400, "User location is not supported for the API use.", "FAILED_PRECONDITION")),
    *_each("Anthropic", 403, errors.RegionError, anthropic("Access to Anthropic models is not allowed from unsupported countries, regions, or territories.", "forbidden")),
    *_each("law", 451, errors.RegionError, "", openai("Unavailable For Legal Reasons")),
    *_each("OpenRouter", 403, errors.ModeratedError, {"error": {"code": 403, "message": "Your chosen model requires moderation and your input was flagged", "metadata": {"reasons": ["violence"], "flagged_input": "..."}}}),
    *_each("OpenAI", 400, errors.ModeratedError, openai("Your request was rejected as a result of our safety system.", "content_policy_violation")),
    *_each("Azure", 400, errors.ModeratedError, openai("The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", "content_filter")),
    *_each("DashScope", 400, errors.ModeratedError, openai("Input data may contain inappropriate content.", "data_inspection_failed")),
    *_each("Moonshot", 400, errors.ModeratedError, openai("The request was rejected because it was considered high risk")),
    *_each("xAI", 403, errors.ModeratedError, {"code": "forbidden", "error": "Content violates usage guidelines."}),
    *_each("AI/ML API", 403, errors.CreditsError, {"message": "You've run out of credits. Please top up your balance or update your payment method to continue.", "statusCode": 403}),
    *_each("OpenRouter", 402, errors.CreditsError, {"error": {"message": "This request requires more credits, or fewer max_tokens. You requested up to 4096 tokens, but can only afford 12.", "code": 402}}),
    *_each("xAI", 403, errors.CreditsError, {"code": "The caller does not have permission", "error": "Your team has either used all available credits or reached its monthly spending limit."}),
    *_each("Anthropic", 400, errors.CreditsError, anthropic("Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.")),
    *_each("DeepSeek", 402, errors.CreditsError, openai("Insufficient Balance")),
    *_each("DashScope", 400, errors.CreditsError, openai("Access denied, please make sure your account is in good standing.", "Arrearage")),
    *_each("OpenAI", 429, errors.CreditsError, openai("You exceeded your current quota, please check your plan and billing details.", "insufficient_quota")),
    *_each("Moonshot", 429, errors.CreditsError, openai("Your account org-1<ak-2> is suspended, please check your plan and billing details", "exceeded_current_quota_error")),
    *_each("Zhipu", 429, errors.CreditsError, {"error": {"code": "1113", "message": "余额不足或无可用资源包,请充值。"}}),
    *_each("Cloudflare", 403, errors.FirewallError, CHALLENGE, BLOCKED, "error code: 1020"),
    *_each("Cloudflare", 503, errors.FirewallError, CHALLENGE),
    *_each("nginx", 403, errors.FirewallError, "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body></body></html>"),
    *_each("mod_security", 406, errors.FirewallError, "<head><title>Not Acceptable!</title></head><body>generated by Mod_Security</body>"),
    *_each("Cloudflare", 429, errors.RateLimitedError, "<!DOCTYPE html><title>Access denied | You are being rate limited</title>"),
    *_each("nginx", 502, errors.EndpointFailedError, "<html><head><title>502 Bad Gateway</title></head></html>"),
    *_each("nginx", 413, errors.RequestTooLargeError, "<html><head><title>413 Request Entity Too Large</title></head></html>"),
    *_each("Azure", 403, errors.FirewallError, openai("Access denied due to Virtual Network/Firewall rules.", "AccessDenied")),
    *_each("Groq", 403, errors.FirewallError, openai("Access denied. Please check your network settings.")),
    *_each("OpenAI", 401, errors.FirewallError, openai("Your IP is not authorized.", "ip_not_authorized")),
    *_each("CloudFront", 403, errors.FirewallError, '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'),
    *_each("DeepSeek", 400, errors.ModeratedError, openai("Content Exists Risk")),
    *_each("Zhipu", 400, errors.ModeratedError, {"error": {"code": "1301", "message": "系统检测到输入或生成内容可能包含不安全或敏感内容"}}),
    *_each("Anthropic", 400, errors.ModeratedError, anthropic("Output blocked by content filtering policy")),
    *_each("GitHub", 429, errors.QuotaError, openai("Rate limit of 50 per 86400s exceeded for UserByModelByDay.", "RateLimitReached")),
    *_each("Anthropic", 429, errors.RateLimitedError, anthropic("This request would exceed your organization's rate limit of 40,000 input tokens per minute.", "rate_limit_error")),
    *_each("Ollama", 503, errors.OverloadedError, openai("server busy, please try again. maximum pending requests exceeded")),
    *_each("SGLang", 503, errors.ModelLoadingError, {"error": "Server is starting"}),
    *_each("LiteLLM", 400, errors.ModelNotFoundError, openai("Invalid model name passed in model=x. Call `/v1/models` to view available models for your key.")),
    *_each("Azure", 404, errors.NotACompletionError, openai("Resource not found", "404")),
    *_each("OpenAI", 403, errors.NotAllowedError, openai("You are not allowed to sample from this model"), openai("You have insufficient permissions for this operation.")),
    *_each("Anthropic", 403, errors.NotAllowedError, anthropic("Your API key does not have permission to use the specified resource.", "permission_error")),
    *_each("OpenRouter", 404, errors.NotAllowedError, {"error": {"message": "No endpoints found matching your data policy (Free model publication). Configure: https://openrouter.ai/settings/privacy", "code": 404}}),
    *_each("no words", 403, errors.NotAllowedError, "", {}),
    *_each("Gemini", 400, errors.KeyRefusedError, google(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT")),
    *_each("a proxy", 403, errors.KeyRefusedError, {"message": "Invalid API Key"}, {"error": "Invalid subscription key"}),
    *_each("OpenAI", 401, errors.KeyRefusedError, openai("Incorrect API key provided: sk-1.", "invalid_api_key"), ""),
    *_each("OpenAI", 404, errors.ModelNotFoundError, openai("The model `gpt-9` does not exist or you do not have access to it.", "model_not_found")),
    *_each("Ollama", 404, errors.ModelNotFoundError, openai("model 'llava' not found")),
    *_each("OpenRouter", 404, errors.ModelNotFoundError, {"error": {"message": "No endpoints found for x/y.", "code": 404}}),
    *_each("OpenRouter", 400, errors.ModelNotFoundError, {"error": {"message": "x/y is not a valid model ID", "code": 400}}),
    *_each("Groq", 400, errors.ModelNotFoundError, openai("The model `llama-3.2-90b-vision-preview` has been decommissioned and is no longer supported.", "model_decommissioned")),
    *_each("Azure", 404, errors.ModelNotFoundError, openai("The API deployment for this resource does not exist.", "DeploymentNotFound")),
    *_each("new-api", 503, errors.ModelNotFoundError, openai("当前分组 default 下对于模型 gpt-9 无可用渠道")),
    *_each("a path", 404, errors.NotACompletionError, {"detail": "Not Found"}, "404 page not found", {"error": {"message": "Invalid URL (POST /v1/chat)"}}, {"message": "Cannot POST /v2", "statusCode": 404}),
    *_each("OpenRouter", 429, errors.QuotaError, {"error": {"message": "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day", "code": 429}}),
    *_each("Groq", 429, errors.QuotaError, openai("Rate limit reached for model `x` on tokens per day (TPD): Limit 100000, Used 99999. Please try again in 5m3s.", "rate_limit_exceeded")),
    *_each("Gemini", 429, errors.QuotaError, google(429, "You exceeded your current quota.", "RESOURCE_EXHAUSTED", [{"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}])),
    *_each("Gemini", 429, errors.RateLimitedError, google(429, "You exceeded your current quota, please check your plan and billing details. Please retry in 20.5s.", "RESOURCE_EXHAUSTED", [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}])),
    *_each("OpenAI", 429, errors.RateLimitedError, openai("Rate limit reached for gpt-4o on requests per min. Limit: 3 / min. Please try again in 20s. Please add a payment method to your account to increase your rate limit.", "rate_limit_exceeded"), ""),
    *_each("Groq", 413, errors.RequestTooLargeError, openai("Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 7000, please reduce your message size and try again.", "rate_limit_exceeded")),
    *_each("Hugging Face", 503, errors.ModelLoadingError, {"error": "Model meta-llama/Llama-3.2-11B-Vision-Instruct is currently loading", "estimated_time": 20.0}),
    *_each("llama.cpp", 503, errors.ModelLoadingError, {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}, {"message": "Loading model", "type": "unavailable_error", "code": 503}),
    *_each("Ollama", 503, errors.ModelLoadingError, {"error": "llm server loading model"}),
    *_each("KServe", 503, errors.ModelLoadingError, {"error": "Model with name llava is not ready."}),
    *_each("Ollama", 500, errors.EndpointFailedError, openai("error loading model: unable to allocate CUDA0 buffer")),
    *_each("Anthropic", 529, errors.OverloadedError, anthropic("Overloaded", "overloaded_error"), ""),
    *_each("Gemini", 503, errors.OverloadedError, google(503, "The model is overloaded. Please try again later.", "UNAVAILABLE")),
    *_each("Moonshot", 429, errors.OverloadedError, openai("The engine is currently overloaded, please try again later", "engine_overloaded_error")),
    *_each("TGI", 429, errors.OverloadedError, {"error": "Model is overloaded", "error_type": "overloaded"}),
    *_each("no words", 500, errors.EndpointFailedError, "", "Internal Server Error"),
    *_each("no words", 400, REFUSED, ""),
    *_each("about formats", 400, BAD_IMAGE, openai("The model does not support image formats other than JPEG and PNG."), openai("Unsupported image format: webp"), anthropic("image exceeds 5 MB maximum: 6000000 bytes > 5242880 bytes")),
)  # fmt: skip
