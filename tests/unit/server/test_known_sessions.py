from vision_chat.server.known_sessions import KnownSessions


def test_those_used_last_are_kept() -> None:
    sessions = KnownSessions(kept=2)
    for key in ("a", "b", "a", "c"):
        sessions.add(key, 1)

    assert [key in sessions for key in ("a", "b", "c")] == [True, False, True]
    assert None not in sessions


def test_whose_a_session_is_is_known() -> None:
    sessions = KnownSessions()
    sessions.add("a", 1)

    assert [sessions.person_of(key) for key in ("a", "b", None)] == [1, None, None]
