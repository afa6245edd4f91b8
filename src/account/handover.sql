-- name: handover_insert
INSERT INTO handover (token_hash, owner, viewer_id, path, draft, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: handover_drop_oldest
-- All but the $2 last made.
DELETE FROM handover
 WHERE owner = $1
   AND token_hash NOT IN (SELECT token_hash FROM handover h WHERE h.owner = $1
                           ORDER BY h.created_at DESC, h.token_hash LIMIT $2);

-- name: handover_get
SELECT h.owner, COALESCE(v.id, 0), h.path, h.draft, h.expires_at,
       (SELECT CAST(COALESCE(SUM(l.qty), 0) AS BIGINT) FROM cart c
          JOIN cart_line l ON l.cart_id = c.id
         WHERE c.viewer_id = v.id AND c.state = 'open' AND l.state = 'held')
  FROM handover h
  LEFT JOIN viewer v ON v.id = h.viewer_id AND v.kind = 'guest' AND v.deleted_at IS NULL
 WHERE h.token_hash = $1 AND h.expires_at > $2;

-- name: handover_drop
DELETE FROM handover WHERE token_hash = $1;

-- name: handover_sweep
DELETE FROM handover
 WHERE token_hash IN (SELECT token_hash FROM handover WHERE expires_at <= $1
                       ORDER BY expires_at LIMIT $2);
