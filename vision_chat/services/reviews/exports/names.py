"""Names of people in an export, or pseudonyms in their place."""

from dataclasses import dataclass
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.crypto import salted_hmac

SALT: Final = "vision_chat.exports.pseudonyms"
DIGITS: Final = 16


def pseudonym_of(person_id: int) -> str:
    """Return the same pseudonym for a person in every export of this site, as long as its secret key stays.

    Without the key nobody can tell whose it is, nor try names.
    """
    return f"person-{salted_hmac(SALT, str(person_id), algorithm='sha256').hexdigest()[:DIGITS]}"


@dataclass(frozen=True, slots=True)
class Names:
    """Names as they are, or none: people by pseudonyms, files without."""

    are_hidden: bool

    def person(self, person: AbstractBaseUser | None) -> str | None:
        if person is None:
            return None
        return pseudonym_of(person.pk) if self.are_hidden else person.get_username()

    def file(self, name: str) -> str | None:
        return None if self.are_hidden else name
