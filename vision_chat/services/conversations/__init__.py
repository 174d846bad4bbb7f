"""The use-cases of a conversation, one module for each verb.

- `submit.submit`: add a question and start its reply; creates the conversation where it is new. While a reply
  runs the question waits for its end
- `send.send`, `withdraw.withdraw`: send a waiting question now, or delete it
- `dispatch.Dispatcher`, `dispatch.sweep_waiting`: send waiting questions when their reply has ended
- `queued.Rebuilder`: the turn of a reply that has waited for a slot, from its rows
- `question.Question`: what a person asks, and `preview.preview`: which images would be sent with it
- `seen.seen`: the copies of an image that the model would get with a question
- `sent_request.sent_requests`: what was sent for a reply
- `json_answer.json_answer`, `json_answer.json_source`, `json_answer.json_as_csv`: a reply that is JSON, as a
  tree, as it was written, as a table
- `answer_places.answer_places`, `answer_places.places_as`: the places in pictures that a reply names, as a
  list and as files
- `answer_places.choose_frame`, `answer_places.choose_picture`: keep what a person says about them
- `locate.locating`: how the next model of a conversation is asked where something is
- `answer_source.answer_source`: the text of a reply as it came, and how sure the model was of it
- `edit.edit`: ask another question beside one
- `regenerate.regenerate`: write another reply to a question
- `continue_reply.continue_reply`: go on with a reply where it was cut off, stopped, interrupted or failed
- `stop.stop`: stop a running reply
- `show_message.show_message`: make a branch of a message the one that is shown
- `delete_message.delete_message`, `delete_message.restore_message`: hide a message with all that follows it
- `replace_unredacted.replace_unredacted`: show a redacted picture in earlier messages too
- `set_inclusion.set_inclusion`: let a picture go with later questions always, never, or by the rule
- `new_chat.new_chat_from`: copy a branch into a new conversation
- `give_feedback.give_feedback`: mark a reply as good or bad, and say why
- `report.report`: ask those who review to look at a conversation
- `change_settings.change_settings`: change model, instructions and parameters of a conversation, also before
  its first message
- `parameter_changes.checked`, `parameter_changes.changed`: parameters as people change them
- `use_preset.use_preset`: give a conversation the settings of a preset
- `rename.rename`, `delete.delete`, `delete.restore`: change a conversation as a whole
- `read.read_end`, `read.read_gap`: read the shown branch in passages
- `outline.outline`: the messages of all branches, a line each
- `catch_up.catch_up`: return the events that a page has missed, and the replies that it follows
- `revision.revisions_of`: another one where a page that showed all of it may lack something
- `socket_checks.SocketChecks`: whether sessions have ended, and revisions, of many sockets at once
- `purge.purge`, `purge.purge_batch`, `purge.purge_deleted`, `purge.purge_deleted_messages`,
  `purge.purge_abandoned`: delete rows and files for good, all but the first in batches
- `beginnings.conversation_of`: a conversation, also before it is saved
- `settings_summary.summary_of`: its settings in short
- `records.record_of`: a conversation as an export has it

Socket, views, admin and commands call the same function, `async def verb(context, ...)`; only those of
`purge`, `records`, `sent_request`, `json_answer`, `answer_source`, `locate`, `outline`, `read`, `beginnings`,
`settings_summary`, `parameter_changes`, `queued` and `dispatch` take no context. A `context.Context` holds
the caller, the writer, the runner of replies and the settings of a new turn. A use-case

1. changes rows in one short transaction on the writer's thread, where the caller's right is checked anew,
2. starts or stops a reply,
3. broadcasts the change to every tab of the person, the caller's own among them.

It raises an error of `vision_chat.errors.turns` where it cannot be done, and has changed nothing then.
`docs/adding-a-command.md` shows which files a new one touches.
"""
