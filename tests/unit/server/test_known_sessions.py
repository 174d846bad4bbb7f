from vision_chat.server.known_sessions import KnownSessions


def test_those_used_last_are_kept() -> None:
    sessions = KnownSessions(kept=2)
    for key in ("a", "b", "a", "c"):
        sessions.add(key)

    assert [key in sessions for key in ("a", "b", "c")] == [True, False, True]
    assert None not in sessions
