"""Figures of conversations: rows that say what lists of thousands would otherwise count.

In goes, in the transaction of whatever changes one of them (see decision 49):

- `kept.begin(conversation)`: a conversation has begun, with a row of zeros
- `kept.add_turn(conversation, messages, attachments)`: a turn begins
- `kept.add_message(conversation_id)`: a reply more, which is no turn
- `kept.add_usage(...)`, `kept.mark_error(...)`: a generation ends
- `kept.update(*conversation_ids)`: anything else has changed; counts anew
- `kept.update_verdict(conversation_id)`: a review or a resolution was written or withdrawn
- `kept.update_feedback(conversation_id)`: feedback or a report was given, changed or looked at

Out comes `Conversation.figures`. `computed.computed(conversation_ids)` is what the rows have to say;
`rebuild` compares.
"""
