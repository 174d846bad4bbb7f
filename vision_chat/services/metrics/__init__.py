"""Metrics for Prometheus, whose client is imported here alone, and only where METRICS_PORT is set.

- `measured`: everything that is measured, such as `measured.REPLIES_ENDED.add(1, model_name, status)`
- `storage.Folder`, `storage.Measured`: a storage of files that is measured, and the part that makes one so
- `recording.record()`: from here on the values of this process are kept in files of the folder that was named
- `aggregate.Aggregate(folder)`: the values of all processes together, as Prometheus reads them
"""
