"""Errors of the settings of a conversation, each told at its field."""

from vision_chat.errors.base import ChatError, gettext_noop


class SettingError(ChatError):
    """The setting is not changed; the last valid one stays."""

    code = "setting.refused"


class InstructionsTooLongError(SettingError):
    """`limit` is in characters."""

    code = "setting.too_long"
    message = gettext_noop("This is longer than %(limit)s characters. Please shorten it.")


class ParametersTooLongError(SettingError):
    """All parameters of a conversation together; `limit` is in characters."""

    code = "setting.parameters_too_long"
    message = gettext_noop(
        "All parameters together are longer than %(limit)s characters. Shorten one of them."
    )


class UnstorableTextError(SettingError):
    code = "setting.unstorable"
    message = gettext_noop("This contains a character that cannot be stored.")


class SchemaError(SettingError):
    """`problem` is a sentence that says what is wrong with a JSON Schema."""

    code = "setting.schema"
    message = gettext_noop("%(problem)s")


class PresetGoneError(SettingError):
    """There is no such preset, or it is not this person's."""

    code = "preset.not_found"
    message = gettext_noop("This preset no longer exists.")


class PresetNameError(SettingError):
    """`limit` is in characters."""

    code = "preset.name"
    message = gettext_noop("A preset needs a name of at most %(limit)s characters.")


class PresetNameTakenError(SettingError):
    code = "preset.name_taken"
    message = gettext_noop("You already have a preset with this name.")


class TooManyPresetsError(SettingError):
    code = "preset.too_many"
    message = gettext_noop("You have %(limit)s presets already. Please delete one first.")
