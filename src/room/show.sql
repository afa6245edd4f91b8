-- The columns of every show statement below are those of show_columns() in show_read.c.

-- name: show_by_public_id
SELECT s.id, s.public_id, s.shop_id, p.public_id, p.slug, p.name, s.title, s.cover, s.host_name,
       s.state, s.came_from, s.starts_at, s.live_started_at, s.interrupted_at, s.ended_at,
       s.created_at, s.input, s.input_connected, s.live_hls, s.replay_hls, s.thumbnail,
       s.replay_offset_ms, s.duration_ms, s.chat_mode, s.slow_s, s.peak, s.likes, s.version, l.head,
       f.key, s.thumb_key
  FROM show s JOIN shop p ON p.id = s.shop_id JOIN show_log l ON l.show_id = s.id
       LEFT JOIN file f ON f.public_id = s.cover
 WHERE s.public_id = $1;

-- name: show_by_id
SELECT s.id, s.public_id, s.shop_id, p.public_id, p.slug, p.name, s.title, s.cover, s.host_name,
       s.state, s.came_from, s.starts_at, s.live_started_at, s.interrupted_at, s.ended_at,
       s.created_at, s.input, s.input_connected, s.live_hls, s.replay_hls, s.thumbnail,
       s.replay_offset_ms, s.duration_ms, s.chat_mode, s.slow_s, s.peak, s.likes, s.version, l.head,
       f.key, s.thumb_key
  FROM show s JOIN shop p ON p.id = s.shop_id JOIN show_log l ON l.show_id = s.id
       LEFT JOIN file f ON f.public_id = s.cover
 WHERE s.id = $1;

-- name: show_by_input
SELECT s.id, s.public_id, s.shop_id, p.public_id, p.slug, p.name, s.title, s.cover, s.host_name,
       s.state, s.came_from, s.starts_at, s.live_started_at, s.interrupted_at, s.ended_at,
       s.created_at, s.input, s.input_connected, s.live_hls, s.replay_hls, s.thumbnail,
       s.replay_offset_ms, s.duration_ms, s.chat_mode, s.slow_s, s.peak, s.likes, s.version, l.head,
       f.key, s.thumb_key
  FROM show s JOIN shop p ON p.id = s.shop_id JOIN show_log l ON l.show_id = s.id
       LEFT JOIN file f ON f.public_id = s.cover
 WHERE s.input = $1;

-- name: show_list_public
-- On air first, then what comes soonest, then the newest. A backstage show counts as what it came
-- from. The mask has the bits of enum show_state; $2..$4 is the last row of the page before.
SELECT s.id, s.public_id, s.shop_id, s.shop_public_id, s.shop_slug, s.shop_name, s.title, s.cover,
       s.host_name, s.state, s.came_from, s.starts_at, s.live_started_at, s.interrupted_at,
       s.ended_at, s.created_at, s.input, s.input_connected, s.live_hls, s.replay_hls, s.thumbnail,
       s.replay_offset_ms, s.duration_ms, s.chat_mode, s.slow_s, s.peak, s.likes, s.version, s.head,
       s.cover_key, s.thumb_key, s.place, s.sort_at
  FROM (SELECT h.*, p.public_id AS shop_public_id, p.slug AS shop_slug, p.name AS shop_name, l.head,
               f.key AS cover_key,
               CASE WHEN h.state IN ('live', 'interrupted') THEN 0
                    WHEN h.state IN ('scheduled', 'backstage') THEN 1
                    ELSE 2 END AS place,
               CASE WHEN h.state IN ('scheduled', 'backstage') THEN COALESCE(h.starts_at, 0)
                    ELSE -COALESCE(h.live_started_at, h.created_at) END AS sort_at,
               CASE h.state WHEN 'scheduled' THEN 2
                            WHEN 'backstage' THEN CASE h.came_from WHEN 'scheduled' THEN 2 ELSE 0 END
                            WHEN 'live' THEN 8 WHEN 'interrupted' THEN 16 WHEN 'ended' THEN 32
                            WHEN 'replay_ready' THEN 64 ELSE 0 END AS bit
          FROM show h JOIN shop p ON p.id = h.shop_id JOIN show_log l ON l.show_id = h.id
               LEFT JOIN file f ON f.public_id = h.cover) s
 WHERE (s.bit & $1) <> 0 AND (s.place, s.sort_at, s.id) > ($2, $3, $4)
 ORDER BY s.place, s.sort_at, s.id LIMIT $5;

-- name: show_list_staff
-- Every state of the shops where $1 works, newest first, below the row ($3, $4).
SELECT s.id, s.public_id, s.shop_id, p.public_id, p.slug, p.name, s.title, s.cover, s.host_name,
       s.state, s.came_from, s.starts_at, s.live_started_at, s.interrupted_at, s.ended_at,
       s.created_at, s.input, s.input_connected, s.live_hls, s.replay_hls, s.thumbnail,
       s.replay_offset_ms, s.duration_ms, s.chat_mode, s.slow_s, s.peak, s.likes, s.version, l.head,
       f.key, s.thumb_key, 0, s.created_at
  FROM show s JOIN shop p ON p.id = s.shop_id JOIN show_log l ON l.show_id = s.id
       LEFT JOIN file f ON f.public_id = s.cover
 WHERE s.shop_id IN (SELECT shop_id FROM staff WHERE viewer_id = $1)
   AND (CASE s.state WHEN 'draft' THEN 1 WHEN 'scheduled' THEN 2 WHEN 'backstage' THEN 4
                     WHEN 'live' THEN 8 WHEN 'interrupted' THEN 16 WHEN 'ended' THEN 32
                     WHEN 'replay_ready' THEN 64 WHEN 'cancelled' THEN 128 ELSE 256 END & $2) <> 0
   AND (s.created_at, s.id) < ($3, $4)
 ORDER BY s.created_at DESC, s.id DESC LIMIT $5;

-- name: show_insert
INSERT INTO show (id, public_id, shop_id, title, cover, host_name, state, came_from, starts_at,
                  created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'draft', $8, $9) ON CONFLICT DO NOTHING;

-- name: show_log_insert
INSERT INTO show_log (show_id, head) VALUES ($1, 0);

-- name: show_update
-- The guard is in the statement: of two editors of one version, one wins.
UPDATE show SET title = $1, cover = $2, host_name = $3, starts_at = $4, version = version + 1
 WHERE id = $5 AND version = $6;

-- name: show_set_state
-- The only statement that changes a state (show_state.c).
UPDATE show SET state = $1, came_from = $2, live_started_at = $3, interrupted_at = $4,
                ended_at = $5, version = version + 1
 WHERE id = $6 AND state = $7;

-- name: show_overdue
SELECT id FROM show WHERE state = 'interrupted' AND interrupted_at <= $1 ORDER BY id LIMIT 50;

-- name: show_add_counts
UPDATE show SET likes = likes + $1, peak = CASE WHEN peak < $2 THEN $2 ELSE peak END
 WHERE id = $3;
