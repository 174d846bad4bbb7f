"""Queues of reviewers: what is to be reviewed, in whose hands it is, and what came of it.

- `states`, `choice`, `shares`, `gold`, `answers`, `agreement`: the rules, as functions over plain data
- `versions.save_rubric_version(rubric)`, `save_queue_version(queue)`, `current(queue)`: by what is judged
- `filling.add(queue, conversation, ...)`, `fill(queue)`, `fill_some(queue)`, `fill_all()`, `fill_step()`,
  `count(rule, unit)`
- `rules.problem_of(kind, value)`: what is wrong with a rule that somebody types
- `moderated.outstanding(rule, turns)`, `unsafe(rule, turns)`: what a rule about moderation waits for, finds
- `handing_out.next_item(reviewer, queue)`, `open_item(reviewer, item)`: an `Assignment` with its lease
- `leases.renew(...)`, `skip(...)`, `give_back(...)`; `drafts.save(...)`
- `in_hand.in_hand(reviewer, queues)`, `closed_in_hand(...)`: what they work on, and what was closed meanwhile
- `many.hand_out(reviewer, queue)`, `hand_in(...)`, `give_back(...)`: several at once
- `verdicts.submit(...)`, `change(...)`, `withdraw(...)`, `visible_to(reviewer, item)`
- `blindness.blind_id_of(person)`, `seen_reviews(reviews, blind_id)`, `seen_resolutions(...)`
- `resolutions.resolve(item_id, author, verdict, note)`: what a lead decides
- `items.close(item, by=)`, `reopen(item, by=)`, `ask_again(item_id)`, `flag(item)`,
  `assign(item, person, group, by=)`
- `readability.close_deleted(...)`, `open_restored(...)`, `close_sealed(...)`, `settle_seals()`: with their
  conversation
- `gold_items.make(item, by, verdict, ...)`, `take_out(item, by)`; `gold_results.of_queue(queue)`: how well
  reviewers judge; `forgetting.forget(items, by=)`: what was said of gold items goes
- `leaving.leave_batch(reviewer)`: when an account is deleted
- `progress.of_queue(queue, reviewer)`, `of_queues(...)`, `queues_of(reviewer)`
- `history.done_by(reviewer, queue)`, `before(assignment)`, `after(assignment)`
- `comparison.of_queue(queue)`: how far reviewers agree, per question and pair
- `reviewers.reviewers()`, `reviewers.left_alone(queue)`: who reviews, and what has nobody left to review it
- `work`, `results`: what the pages of reviewers and of leads show; `deletion.delete_queue(queue)`

A change of one item or its hands is one transaction, which locks the item first. Of many items some are
changed at a time: filling, settling and leaving go on in batches.
"""
