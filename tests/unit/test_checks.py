from vision_chat.checks import codecs_are_present, missing_codec_warnings, missing_trigger_warnings


def test_this_installation_decodes_every_format() -> None:
    assert codecs_are_present(None) == []


def test_a_format_that_does_not_decode_is_named_in_a_warning() -> None:
    (message,) = missing_codec_warnings(["AVIF", "HEIF"])
    assert "AVIF, HEIF" in message.msg
    assert not message.is_serious()


def test_a_trigger_that_the_audit_log_lacks_is_named_in_a_warning() -> None:
    (message,) = missing_trigger_warnings(["kept", "whole"])
    assert "kept, whole" in message.msg
    assert not message.is_serious()
