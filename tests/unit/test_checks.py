from vision_chat.checks import about_missing, codecs_are_present


def test_this_installation_decodes_every_format() -> None:
    assert codecs_are_present(None) == []


def test_a_format_that_does_not_decode_is_named_in_a_warning() -> None:
    (message,) = about_missing(["AVIF", "HEIF"])
    assert "AVIF, HEIF" in message.msg
    assert not message.is_serious()
