"""The place of stored files: a folder, or S3-compatible storage, and how much room is left for them.

- `errors`: which errors say that a file is lost, and what the others mean for people
- `remote.is_remote()`: whether files are on another server
- `s3.S3Files`: Django's storage on S3, which `chatsite.settings` names where a bucket is configured; the only
  user of boto3, and loaded only then
- `share.mark(folder, known)`, `share.is_marked(folder)`: whether a shared folder is mounted
- `room.free_bytes()`, `room.require_room(least)`: the room on the fullest of the disks that it writes to
"""
