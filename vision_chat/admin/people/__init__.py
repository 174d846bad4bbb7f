"""Accounts, groups and rights."""
