-- Files beyond pictures of products: why an upload was refused, uploads that wait for their end,
-- and big files on their way to the bucket in parts.

ALTER TABLE file ADD COLUMN why TEXT;
CREATE INDEX file_by_end ON file (expires_at, id);

-- One row a big file that is being sent. bytes and part_size fix where each part begins, so a later
-- process goes on where an earlier one was killed. mark: size and time of the file that is sent.
CREATE TABLE file_multipart (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    upload_id TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    part_size INTEGER NOT NULL,
    mark TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE file_part (
    multipart_id INTEGER NOT NULL REFERENCES file_multipart (id),
    number INTEGER NOT NULL,
    etag TEXT NOT NULL,
    PRIMARY KEY (multipart_id, number)
) STRICT;

-- Our copy of a recording's thumbnail; thumb_next: when to try again to get it.
ALTER TABLE show ADD COLUMN thumb_key TEXT;
ALTER TABLE show ADD COLUMN thumb_tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE show ADD COLUMN thumb_next INTEGER NOT NULL DEFAULT 0;
CREATE INDEX show_by_thumb ON show (thumb_next) WHERE thumb_key IS NULL AND thumbnail IS NOT NULL;
