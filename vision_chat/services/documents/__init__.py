"""Documents whose pages are chosen: a PDF or TIFF becomes images, and a PDF's text layer becomes text.

    file ── open_documents ── reading ──(child process)── _child      the only user of pypdfium2
                 │               └─────(child process)── tiff_pages.HANDLER (services.images)
                 └── previews (services.images)

- `open_documents.OpenDocuments`: what each person has open: taken, looked at, drawn, given up, swept
- `reading`: a document, in a process with limits of its own; raises DocumentErrors
- `taken`: which pictures are pages of which document, so that it goes when one was redacted and is sent

A document is kept as a file only as long as its pages are chosen, and is never served. What comes out is
drawn anew, page by page, and then goes the way of an upload.
"""
