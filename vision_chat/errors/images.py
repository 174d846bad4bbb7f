"""Errors of an upload: the image is not accepted, or could not be stored."""

from vision_chat.errors.base import ChatError, gettext_noop


class ImageError(ChatError):
    """The image was not stored."""

    code = "image.refused"


class ImageEmptyError(ImageError):
    """The file is empty; often one that a cloud folder has not downloaded yet."""

    code = "image.empty"
    message = gettext_noop("This file is empty. Please choose the picture again.")


class ImageTooManyBytesError(ImageError):
    """`limit` is in megabytes."""

    code = "image.too_many_bytes"
    message = gettext_noop(
        "This file is larger than %(limit)s MB. Please make the picture smaller, or save it as JPEG."
    )


class ImageTooManyPixelsError(ImageError):
    """`limit` is in megapixels. Raised from the header, before anything is decoded."""

    code = "image.too_many_pixels"
    message = gettext_noop(
        "This picture has more than %(limit)s megapixels. "
        "Please make it smaller, or save it as JPEG (not progressive), and add it again."
    )


class ImageTooLongError(ImageError):
    """`limit` is in pixels."""

    code = "image.too_long"
    message = gettext_noop(
        "This picture is longer than %(limit)s pixels on one side. Please cut it into pieces and add them."
    )


class ImageTypeNotSupportedError(ImageError):
    """The file has none of the supported formats, which `formats` names."""

    code = "image.type_not_supported"
    message = gettext_noop(
        "This file is not a picture of a supported type. Please save it as one of these: %(formats)s."
    )


class ImageRawError(ImageError):
    """A camera's raw file without a large preview. `maker` names its kind ("Nikon")."""

    code = "image.raw"
    message = gettext_noop(
        "This is a %(maker)s raw file whose preview is too small. Please export it as JPEG and add that."
    )


class ImageNotReadableError(ImageError):
    """The file cannot be decoded. `detail` is the decoder's message."""

    code = "image.not_readable"
    message = gettext_noop(
        "This picture cannot be read: the file is damaged or incomplete. Please export or download it again."
    )


class ImageNotStoredError(ImageError):
    """The file could not be written, often because the disk is full. `detail` is the system's message."""

    retryable = True
    code = "image.not_stored"
    message = gettext_noop("The server could not save this picture. Try again, or tell an administrator.")


class TooManyUnsentImagesError(ImageError):
    """`limit` is in images; those that are being processed count too."""

    retryable = True
    code = "image.too_many_unsent"
    message = gettext_noop(
        "Too many unsent pictures: the limit is %(limit)s. Send or remove some, then try again."
    )


class TooManyUnsentBytesError(ImageError):
    """`limit` is in megabytes."""

    retryable = True
    code = "image.too_many_unsent_bytes"
    message = gettext_noop(
        "Your unsent pictures already take up %(limit)s MB. Send or remove some, then try again."
    )


class TooManyUploadsError(ImageError):
    """`limit` is in images a minute."""

    retryable = True
    code = "image.too_many_uploads"
    message = gettext_noop(
        "Too many uploads: the limit is %(limit)s per minute. Wait a moment, then try again."
    )


class TooManyLooksError(ImageError):
    """`limit` is in looks a minute at what a model would see."""

    retryable = True
    code = "image.too_many_looks"
    message = gettext_noop(
        "You looked at %(limit)s pictures as the model sees them in the last minute. "
        "Wait a moment, then try again."
    )


class ImageEditError(ImageError):
    """A part of an edit lies outside of the image."""

    code = "image.edit_refused"
    message = gettext_noop("This change does not fit the picture. Close the editor, then open it again.")


class TooManyImageEditsError(ImageError):
    """`limit` is in redacted areas, in marks, or in characters of all marks."""

    code = "image.too_many_edits"
    message = gettext_noop("Too many changes at once: the limit is %(limit)s. Set some, then go on.")


class ImageTextError(ImageError):
    """The server has no font for `letters`."""

    code = "image.text_refused"
    message = gettext_noop("The server has no font for “%(letters)s”. Use other letters, or a number.")
