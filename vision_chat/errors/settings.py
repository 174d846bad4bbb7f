"""Errors of the settings of a conversation, each told at its field."""

from vision_chat.errors.base import ChatError, gettext_noop


class SettingError(ChatError):
    """The setting is not changed; the last valid one stays."""

    code = "setting.refused"


class InstructionsTooLongError(SettingError):
    """`limit` is in characters."""

    code = "setting.too_long"
    message = gettext_noop("This is longer than %(limit)s characters. Please shorten it.")


class UnstorableTextError(SettingError):
    code = "setting.unstorable"
    message = gettext_noop("This contains a character that cannot be stored.")


class SchemaError(SettingError):
    """`problem` is a sentence that says what is wrong with a JSON Schema."""

    code = "setting.schema"
    message = gettext_noop("%(problem)s")
