-- What a Stream engine keeps. Times are Unix milliseconds, 0 is "none"; uids are 32 hex digits.

CREATE TABLE input (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    rotated_at INTEGER NOT NULL DEFAULT 0,
    meta TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    default_creator TEXT,
    delete_after_days INTEGER NOT NULL, -- 0: never
    prefer_ll INTEGER NOT NULL,
    record INTEGER NOT NULL,
    timeout_s INTEGER NOT NULL,
    signed_only INTEGER NOT NULL,
    hide_viewers INTEGER NOT NULL,
    origins TEXT, -- JSON array, or NULL
    rtmps_key TEXT NOT NULL UNIQUE,
    rtmps_play_key TEXT NOT NULL,
    srt_pass TEXT NOT NULL,
    srt_play_pass TEXT NOT NULL,
    webrtc_secret TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'idle' CHECK (state IN ('idle', 'connected', 'gap')),
    video_uid TEXT NOT NULL DEFAULT '', -- the last broadcast
    status TEXT -- JSON {current, history} once there was a broadcast
);
CREATE INDEX input_newest ON input (created_at, id);

-- An Idempotency-Key of live input creation; outlives its input, so that a reuse is noticed.
CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    input_uid TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX idempotency_old ON idempotency (created_at);

CREATE TABLE output (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    input_id INTEGER NOT NULL REFERENCES input (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    stream_key TEXT NOT NULL,
    enabled INTEGER NOT NULL
);
CREATE INDEX output_of ON output (input_id, id);

CREATE TABLE video (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    input_uid TEXT, -- stays when the input is deleted
    state TEXT NOT NULL CHECK (state IN ('live-inprogress', 'inprogress', 'ready', 'error')),
    error_code TEXT NOT NULL DEFAULT '',
    error_text TEXT NOT NULL DEFAULT '',
    creator TEXT,
    name TEXT NOT NULL, -- meta.name, for searches
    meta TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    uploaded_at INTEGER NOT NULL,
    ready_at INTEGER NOT NULL DEFAULT 0,
    keep_days INTEGER NOT NULL DEFAULT 0, -- the input's deleteRecordingAfterDays at the start
    delete_at INTEGER NOT NULL DEFAULT 0,
    upload_expiry_at INTEGER NOT NULL DEFAULT 0,
    max_duration_s INTEGER NOT NULL DEFAULT 0,
    duration_ms INTEGER NOT NULL DEFAULT -1,
    size_bytes INTEGER NOT NULL DEFAULT 0,
    width INTEGER NOT NULL DEFAULT -1,
    height INTEGER NOT NULL DEFAULT -1,
    origins TEXT NOT NULL DEFAULT '[]',
    signed_only INTEGER NOT NULL,
    thumb_ppm INTEGER NOT NULL DEFAULT 0, -- thumbnailTimestampPct in millionths
    details TEXT NOT NULL DEFAULT '{}' -- publicDetails
);
CREATE INDEX video_newest ON video (created_at, id);
CREATE INDEX video_of ON video (input_uid, created_at);
CREATE INDEX video_due ON video (delete_at) WHERE delete_at > 0;

-- The private halves are shown once and not kept.
CREATE TABLE signing_key (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    public_pem TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

-- One row at most: the subscription of finished videos.
CREATE TABLE webhook (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    modified_at INTEGER NOT NULL
);

CREATE TABLE destination (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    secret TEXT,
    created_at INTEGER NOT NULL,
    last_success_at INTEGER NOT NULL DEFAULT 0,
    last_failure_at INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE policy (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    alert_type TEXT NOT NULL,
    mechanisms TEXT NOT NULL, -- JSON, as given
    filters TEXT NOT NULL, -- JSON, as given
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL
);

-- Messages on their way. A lane is one receiver and one input: its messages go out in order.
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lane TEXT NOT NULL,
    destination TEXT NOT NULL, -- uid; '' is the webhook of finished videos
    event TEXT NOT NULL, -- for the log and the history
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    ended_at INTEGER NOT NULL DEFAULT 0,
    answer INTEGER NOT NULL DEFAULT 0 -- HTTP status of the last attempt, 0: none came
);
CREATE INDEX delivery_next ON delivery (lane, id) WHERE state = 'waiting';
CREATE INDEX delivery_ended ON delivery (ended_at) WHERE state <> 'waiting';
