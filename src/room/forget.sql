-- name: forget_next_show
SELECT show_id FROM message WHERE viewer_id = $1 AND show_id > $2 ORDER BY show_id LIMIT 1;

-- name: forget_messages
-- What the shop announced by this person stays, without their name.
SELECT id, public_id, CASE WHEN state = 'shown' AND kind = 'chat' THEN 1 ELSE 0 END
  FROM message
 WHERE viewer_id = $1 AND show_id = $2 AND (name <> '' OR device IS NOT NULL)
 ORDER BY at LIMIT $3;

-- name: forget_message
UPDATE message
   SET name = '', device = NULL,
       text = CASE WHEN kind = 'chat' THEN '' ELSE text END,
       state = CASE WHEN kind = 'chat' THEN 'hidden' ELSE state END
 WHERE id = $1;

-- name: forget_reviews
UPDATE review SET state = 'dismissed' WHERE state = 'open' AND viewer_id = $1 AND show_id = $2;

-- name: forget_events
-- Those that may have something of theirs. A name that is gone is '""'.
SELECT seq, data FROM event
 WHERE show_id = $1 AND seq > $2
   AND ((type = 'chat.message' AND viewer_id = $3) OR type = 'staff.held'
        OR type = 'staff.review' OR type = 'chat.pinned')
   AND data NOT LIKE '%"name":""%'
 ORDER BY seq LIMIT $4;

-- name: forget_writer
SELECT viewer_id FROM message WHERE public_id = $1;

-- name: forget_event_read
SELECT data FROM event WHERE show_id = $1 AND seq = $2;

-- name: forget_event_set
UPDATE event SET data = $1 WHERE show_id = $2 AND seq = $3;

-- name: forget_show_events
DELETE FROM event
 WHERE show_id = $1
   AND seq IN (SELECT e.seq FROM event e WHERE e.show_id = $1 ORDER BY e.seq LIMIT $2);

-- name: forget_show_reviews
DELETE FROM review WHERE show_id = $1;

-- name: forget_show_messages
-- Those that no claim was made of.
DELETE FROM message
 WHERE id IN (SELECT m.id FROM message m
               WHERE m.show_id = $1
                 AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.message_id = m.id)
                 AND NOT EXISTS (SELECT 1 FROM show s WHERE s.id = m.show_id AND s.pinned_id = m.id)
               ORDER BY m.seq LIMIT $2);

-- name: forget_show_words
UPDATE message SET name = '', text = '', device = NULL, state = 'hidden'
 WHERE id IN (SELECT m.id FROM message m WHERE m.show_id = $1 AND m.name <> ''
               ORDER BY m.seq LIMIT $2);

-- name: forget_show_done
UPDATE show SET forgotten_at = $1, pinned_id = NULL WHERE id = $2;
