"""The division of what a model wrote into thoughts and answer, also of a text that grows. No Django.

- `division.divide(parts)`: a reply, in: a `Part` for each generation, as it came; out: a `Division`, as shown
- `division.continued(parts)`: a divider that has read them, and expects what another generation writes
- `division.ReplySoFar`: a running reply at some moment
- `divider.Divider`: divides a text that grows, with what is added to either since the last look

    division ── divider ──┬── _line      one line of an answer: tokens, a closing tag alone
                          ├── growing    a text that grows, and may begin afresh
                          └── marks      the tags and tokens of model families, as data
                               └── _forms    the notation in which they are listed

The rules are in docs/decisions/0021-thoughts-and-marks.md.
"""
