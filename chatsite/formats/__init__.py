"""Formats of dates by language; a language that is not here has Django’s."""
