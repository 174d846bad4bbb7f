"""Everything that is measured. Labels are few: models of the site, statuses and codes of errors; no person.

`docs/operating.md` lists them; a test holds the two together, and the dashboard to both.
"""

from typing import Final

from vision_chat.services.metrics.instruments import Counter, Gauge, Histogram, Instrument

_QUICK: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_FIRST: Final = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120)
_WHOLE: Final = (0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640, 1200)

# replies

REPLIES_STARTED = Counter("vision_chat_replies_started_total", "Replies that have begun.", ["model"])
REPLIES_ENDED = Counter(
    "vision_chat_replies_ended_total", "Replies that have ended, by their status.", ["model", "status"]
)
REPLIES_ORPHANED = Counter(
    "vision_chat_replies_orphaned_total", "Replies of processes that died, found and marked interrupted."
)
REPLY_ERRORS = Counter("vision_chat_reply_errors_total", "Errors that ended replies.", ["code"])
TOKENS = Counter("vision_chat_tokens_total", "Tokens that endpoints charged.", ["model", "kind"])
COST = Counter("vision_chat_cost_dollars_total", "Cost that endpoints named, in US dollars.", ["model"])
FIRST_TOKEN = Histogram(
    "vision_chat_first_token_seconds", "Time from a call to its first token.", ["model"], bounds=_FIRST
)
REPLY_DURATION = Histogram(
    "vision_chat_reply_duration_seconds", "Time from a call to its end.", ["model"], bounds=_WHOLE
)
RETRIES = Counter("vision_chat_endpoint_retries_total", "Calls that were sent again.", ["code"])
REPLIES_RUNNING = Gauge("vision_chat_replies_running", "Replies that are being written.")
REPLIES_QUEUED = Gauge(
    "vision_chat_replies_queued", "Replies of the site that wait for a place.", merge="livemax"
)
SOCKETS = Gauge("vision_chat_sockets", "Open websockets of people who are signed in.")

# requests and uploads

REQUESTS = Counter(
    "vision_chat_http_requests_total", "Requests over HTTP that were answered.", ["route", "status"]
)
REQUEST_DURATION = Histogram(
    "vision_chat_http_request_duration_seconds",
    "Time from a request to the end of its answer.",
    ["route"],
    bounds=_QUICK,
)
UPLOADS = Counter(
    "vision_chat_uploads_total", "Uploads: stored, or the code of the error that refused them.", ["result"]
)
UPLOAD_BYTES = Counter("vision_chat_upload_bytes_total", "Bytes of the originals that were stored.")
IMAGES_QUEUED = Gauge("vision_chat_images_queued", "Pictures that wait for the thread that processes them.")

# what a process stands on

LOOP_LAG = Histogram(
    "vision_chat_event_loop_lag_seconds", "Lateness of a timer of the event loop.", bounds=_QUICK
)
JOBS_QUEUED = Gauge(
    "vision_chat_database_jobs_queued", "Jobs that wait for a thread of the database.", ["threads"]
)
JOB_WAIT = Histogram(
    "vision_chat_database_job_wait_seconds",
    "Time that a job waited for a thread of the database.",
    ["threads"],
    bounds=_QUICK,
)
JOB_DURATION = Histogram(
    "vision_chat_database_job_duration_seconds",
    "Time that a job took on a thread of the database.",
    ["threads"],
    bounds=_QUICK,
)
DATABASE_ERRORS = Counter(
    "vision_chat_database_errors_total",
    "Statements and connections that failed, by the kind of the error.",
    ["kind"],
)
CONNECTIONS = Gauge(
    "vision_chat_database_connections", "Connections of the pool to PostgreSQL, in use or idle.", ["state"]
)
CONNECTIONS_AWAITED = Gauge(
    "vision_chat_database_connections_awaited", "Threads that wait for a connection of the pool."
)
UP = Gauge(
    "vision_chat_up", "1 while the service answers every process, 0 else.", ["service"], merge="livemin"
)
REDIS_ERRORS = Counter(
    "vision_chat_redis_errors_total", "Calls of Redis that failed, by what they were for.", ["part"]
)
STORAGE_DURATION = Histogram(
    "vision_chat_storage_duration_seconds",
    "Time of an access of the files of pictures.",
    ["operation"],
    bounds=_QUICK,
)
STORAGE_ERRORS = Counter("vision_chat_storage_errors_total", "Accesses of files that failed.", ["operation"])
PROCESSES = Gauge("vision_chat_processes", "Server processes that are alive.")
CPU = Counter("vision_chat_cpu_seconds_total", "Time of processors that the processes have used.")
MEMORY = Gauge("vision_chat_resident_memory_bytes", "Resident memory of the processes.")
DESCRIPTORS = Gauge("vision_chat_open_descriptors", "Open file descriptors of the processes.")
TASKS = Gauge("vision_chat_tasks", "Tasks of the event loops.")

ALL: Final = tuple(each for each in globals().values() if isinstance(each, Instrument))
