"""Rubrics: the form that defines one, and the form that asks by it."""
