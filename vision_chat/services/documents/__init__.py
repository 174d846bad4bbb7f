"""Documents whose pages are chosen: a PDF becomes images, and its text layer becomes text.

    file ── open_documents ── reading ──(child process)── _child      the only user of pypdfium2
                 └── previews (services.images)

- `open_documents.OpenDocuments`: what each person has open: taken, looked at, drawn, given up, swept
- `reading`: a PDF, in a process with limits of its own; raises DocumentErrors

A document is kept as a file only as long as its pages are chosen, and is never served. What comes out is
drawn anew, page by page, and then goes the way of an upload.
"""
