-- Messages to people outside the page: who is reached by push, what waits to be sent, who wants to be
-- reminded of a show.

-- A browser that takes push messages. p256dh and auth: its key and secret (RFC 8291). session_hash:
-- the session that asked for it; when that has ended nothing more goes there.
CREATE TABLE push_subscription (
    id INTEGER PRIMARY KEY,
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    endpoint TEXT NOT NULL UNIQUE,
    p256dh BLOB NOT NULL,
    auth BLOB NOT NULL,
    session_hash BLOB,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT;
CREATE INDEX push_subscription_by_viewer ON push_subscription (viewer_id, seen_at);

-- One message to one browser or one address. key: the same thing is put once. queued: to be sent
-- from next_at on; lease_until: somebody is sending it. dropped: its time had passed, or nobody is
-- there any more. dead: given up. When it is not queued any more args and email are empty.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel = 'push' OR channel = 'email'),
    viewer_id INTEGER REFERENCES viewer (id),
    subscription_id INTEGER,
    email TEXT,
    shop_id INTEGER REFERENCES shop (id),
    lang TEXT NOT NULL,
    args TEXT NOT NULL,
    key TEXT UNIQUE,
    state TEXT NOT NULL CHECK (state = 'queued' OR state = 'sent' OR state = 'dropped'
            OR state = 'dead'),
    tries INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    lease_until INTEGER NOT NULL DEFAULT 0,
    result TEXT,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    CHECK ((channel = 'push') = (subscription_id IS NOT NULL))
) STRICT;
CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 'queued';
CREATE INDEX outbox_over ON outbox (changed_at) WHERE state <> 'queued';
CREATE INDEX outbox_dead ON outbox (shop_id, id) WHERE state = 'dead';
CREATE INDEX outbox_by_viewer ON outbox (viewer_id) WHERE viewer_id IS NOT NULL;

-- soon_for: the start that "soon" was said of. over: it was said that the show is live, or off.
CREATE TABLE reminder (
    show_id INTEGER NOT NULL REFERENCES show (id),
    viewer_id INTEGER NOT NULL REFERENCES viewer (id),
    push INTEGER NOT NULL CHECK (push = 0 OR push = 1),
    email INTEGER NOT NULL CHECK (email = 0 OR email = 1),
    soon_for INTEGER NOT NULL DEFAULT 0,
    over INTEGER NOT NULL DEFAULT 0 CHECK (over = 0 OR over = 1),
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (show_id, viewer_id)
) STRICT;
CREATE INDEX reminder_waiting ON reminder (show_id, viewer_id) WHERE over = 0;
CREATE INDEX reminder_over ON reminder (changed_at) WHERE over = 1;
CREATE INDEX reminder_by_viewer ON reminder (viewer_id);
