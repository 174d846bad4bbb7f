"""Backups of the whole site, and the way back: database, images and daily files of the audit log in one file.

- `making.make(target, ...)`: write a backup while the server runs
- `restoring.check(backup, progress)`: read a backup to its end, and verify every part
- `restoring.restore(backup, checked, progress)`: bring it back into an empty place

The file is a tar: `manifest.json`, `media/…`, `missing.txt`, `audit/…`, `database`, and `SHA256SUMS` of them
all, which `sha256sum -c` reads. With a passphrase it is encrypted in the format of age. SECRET_KEY is
not in it.
"""
