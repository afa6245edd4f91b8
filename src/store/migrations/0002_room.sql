-- Shows and what happens in them. Types and times as in 0001.

-- title: {"zh-TW": ..., "th": ..., "en": ...}. came_from: what a backstage show was before.
-- input_at: time of the last notice applied, in microseconds. likes and peak lag by seconds.
CREATE TABLE show (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    title TEXT NOT NULL,
    cover TEXT,
    host_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'scheduled', 'backstage', 'live', 'interrupted',
                                         'ended', 'replay_ready', 'cancelled', 'archived')),
    came_from TEXT NOT NULL CHECK (came_from IN ('draft', 'scheduled')),
    starts_at INTEGER,
    live_started_at INTEGER,
    interrupted_at INTEGER,
    ended_at INTEGER,
    created_at INTEGER NOT NULL,
    input TEXT UNIQUE,
    input_connected INTEGER NOT NULL DEFAULT 0,
    input_at INTEGER NOT NULL DEFAULT 0,
    live_hls TEXT,
    replay_hls TEXT,
    thumbnail TEXT,
    replay_offset_ms INTEGER NOT NULL DEFAULT 0,
    duration_ms INTEGER NOT NULL DEFAULT 0,
    chat_mode TEXT NOT NULL DEFAULT 'open' CHECK (chat_mode IN ('open', 'slow', 'members', 'off')),
    slow_s INTEGER NOT NULL DEFAULT 10,
    pinned_id INTEGER,
    peak INTEGER NOT NULL DEFAULT 0,
    likes INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX show_by_state ON show (state, interrupted_at);
CREATE INDEX show_by_shop ON show (shop_id, created_at);

-- The head of each show's event log: beside the show, so that a chat line does not rewrite it.
CREATE TABLE show_log (
    show_id INTEGER PRIMARY KEY REFERENCES show (id),
    head INTEGER NOT NULL
) STRICT;

-- seq has no gaps and only grows. viewer_id: whom it is for (audience viewer), or who wrote it.
CREATE TABLE event (
    show_id INTEGER NOT NULL REFERENCES show (id),
    seq INTEGER NOT NULL,
    type TEXT NOT NULL,
    audience TEXT NOT NULL CHECK (audience = 'all' OR audience = 'viewer' OR audience = 'staff'),
    viewer_id INTEGER,
    at INTEGER NOT NULL,
    media_at INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (show_id, seq)
) STRICT, WITHOUT ROWID;

-- seq: of the event that first told of it. device: a hash, so that a ban outlives a new name.
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    show_id INTEGER NOT NULL REFERENCES show (id),
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    device INTEGER,
    name TEXT NOT NULL,
    badge TEXT CHECK (badge IN ('host', 'moderator')),
    text TEXT NOT NULL,
    lang TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('chat', 'system')),
    source TEXT NOT NULL DEFAULT 'room',
    source_id TEXT,
    state TEXT NOT NULL CHECK (state IN ('shown', 'held', 'hidden')),
    at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    UNIQUE (source, source_id)
) STRICT;
CREATE INDEX message_by_show ON message (show_id, seq);
CREATE INDEX message_by_viewer ON message (viewer_id, show_id, at);

-- show_id NULL: every show of the shop. ended_at: lifted by a moderator.
CREATE TABLE sanction (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    show_id INTEGER REFERENCES show (id),
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    device INTEGER,
    kind TEXT NOT NULL CHECK (kind IN ('mute', 'ban')),
    name TEXT NOT NULL,
    until INTEGER,
    by_id INTEGER NOT NULL,
    why TEXT,
    at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX sanction_by_viewer ON sanction (viewer_id);
CREATE INDEX sanction_by_device ON sanction (device);
CREATE INDEX sanction_by_shop ON sanction (shop_id, id);

CREATE TABLE blocked_word (
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    position INTEGER NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (shop_id, position)
) STRICT;

-- Calls to make to the Stream API; a row is there until its call has been made.
CREATE TABLE show_task (
    id INTEGER PRIMARY KEY,
    show_id INTEGER NOT NULL REFERENCES show (id),
    kind TEXT NOT NULL CHECK (kind IN ('disable_input', 'find_recording')),
    tries INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    UNIQUE (show_id, kind)
) STRICT;
CREATE INDEX show_task_by_time ON show_task (next_at);
