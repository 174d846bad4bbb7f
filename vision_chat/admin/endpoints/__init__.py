"""Endpoints, their language models and habits, and shared presets."""
