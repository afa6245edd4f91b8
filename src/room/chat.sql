-- The columns of every message statement are those of message_columns() in chat_read.c.

-- name: message_by_public_id
SELECT m.id, m.public_id, m.show_id, m.viewer_id, m.device, m.name, m.badge, m.text, m.lang, m.kind,
       m.state, m.at, m.seq
  FROM message m WHERE m.public_id = $1 AND m.kind = 'chat';

-- name: message_page
-- Below seq $2. $3: everything (staff); $4 sees what of their own is held.
SELECT m.id, m.public_id, m.show_id, m.viewer_id, m.device, m.name, m.badge, m.text, m.lang, m.kind,
       m.state, m.at, m.seq
  FROM message m
 WHERE m.show_id = $1 AND m.seq < $2 AND m.kind = 'chat'
   AND (m.state = 'shown' OR $3 = 1 OR (m.state = 'held' AND m.viewer_id = $4))
 ORDER BY m.seq DESC LIMIT $5;

-- name: message_pinned
SELECT m.id, m.public_id, m.show_id, m.viewer_id, m.device, m.name, m.badge, m.text, m.lang, m.kind,
       m.state, m.at, m.seq
  FROM message m JOIN show s ON s.pinned_id = m.id WHERE s.id = $1;

-- name: message_insert
INSERT INTO message (id, public_id, show_id, viewer_id, device, name, badge, text, lang, kind,
                     state, at, seq)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: message_last_of
SELECT at, text FROM message WHERE viewer_id = $1 AND show_id = $2 AND kind = 'chat'
 ORDER BY at DESC LIMIT 1;

-- name: message_set_state
UPDATE message SET state = $1, seq = $2, told_seq = $3 WHERE id = $4 AND state = $5;

-- name: message_told
SELECT coalesce(told_seq, 0) FROM message WHERE id = $1;

-- name: messages_of_viewer
SELECT id, public_id, seq, coalesce(told_seq, 0) FROM message WHERE viewer_id = $1 AND show_id = $2 AND state <> 'hidden'
   AND kind = 'chat'
 ORDER BY at DESC LIMIT 200;

-- name: message_hide
UPDATE message SET state = 'hidden' WHERE id = $1;

-- name: show_pin_message
UPDATE show SET pinned_id = $1 WHERE id = $2;

-- name: show_set_chat
UPDATE show SET chat_mode = $1, slow_s = $2 WHERE id = $3;

-- name: sanction_insert
INSERT INTO sanction (id, public_id, shop_id, show_id, viewer_id, device, kind, name, until, by_id,
                      why, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: sanction_in_force
-- A ban before a mute, one without end before one with; by person or by device.
SELECT public_id, kind, COALESCE(until, 0), at, name, why FROM sanction
 WHERE (viewer_id = $1 OR device = $2) AND shop_id = $3 AND (show_id IS NULL OR show_id = $4)
   AND ended_at IS NULL AND (until IS NULL OR until > $5)
 ORDER BY kind, CASE WHEN until IS NULL THEN 0 ELSE 1 END, until DESC LIMIT 1;

-- name: sanction_list
SELECT public_id, kind, COALESCE(until, 0), at, name, why FROM sanction
 WHERE shop_id = $1 AND (show_id IS NULL OR show_id = $2)
   AND ended_at IS NULL AND (until IS NULL OR until > $3)
 ORDER BY id DESC LIMIT 200;

-- name: sanction_by_public_id
SELECT id, shop_id, COALESCE(show_id, 0), viewer_id FROM sanction WHERE public_id = $1;

-- name: sanction_end
UPDATE sanction SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL;

