"""An administrator's work: conversations of everybody, with figures, filters and search (`queries`), and
their export as JSON Lines (`exports`).
"""
