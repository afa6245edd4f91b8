-- name: session_insert
-- No row: the viewer is unknown or deleted.
INSERT INTO session (token_hash, viewer_id, created_at, seen_at, expires_at, public_id, device,
                     provider, auth_at)
SELECT $1, id, $2, $2, $2 + CASE kind WHEN 'account' THEN $3 ELSE $4 END, $5, $6, $7, $8
  FROM viewer WHERE id = $9 AND deleted_at IS NULL
RETURNING expires_at;

-- name: session_get
SELECT v.id, v.public_id, v.kind = 'account', v.display_name, v.lang, v.market, v.created_at,
       s.seen_at, s.expires_at, s.auth_at
  FROM session s JOIN viewer v ON v.id = s.viewer_id
 WHERE s.token_hash = $1 AND s.expires_at > $2 AND v.deleted_at IS NULL;

-- name: session_known
SELECT viewer_id FROM session WHERE token_hash = $1 AND expires_at > $2;

-- name: session_seen
-- A session that is past its time stays so; an account's is never older than $3.
UPDATE session
   SET seen_at = $1,
       expires_at = CASE WHEN (SELECT kind FROM viewer v WHERE v.id = session.viewer_id) = 'guest'
                         THEN $1 + $2
                         WHEN created_at + $3 < $1 + $4 THEN created_at + $3
                         ELSE $1 + $4 END
 WHERE token_hash = $5 AND expires_at > $1;

-- name: session_drop
DELETE FROM session WHERE token_hash = $1 RETURNING viewer_id;

-- name: session_drop_all
DELETE FROM session WHERE viewer_id = $1;

-- name: session_drop_others
DELETE FROM session WHERE viewer_id = $1 AND token_hash <> $2;

-- name: session_drop_named
DELETE FROM session WHERE viewer_id = $1 AND public_id = $2;

-- name: session_set_proved
-- A proof never makes an older one of a newer.
UPDATE session SET auth_at = CASE WHEN auth_at < $1 THEN $1 ELSE auth_at END
 WHERE token_hash = $2 AND viewer_id = $3 AND expires_at > $4;

-- name: session_of_viewer
SELECT public_id, device, provider, created_at, seen_at, token_hash
  FROM session WHERE viewer_id = $1 AND expires_at > $2
 ORDER BY seen_at DESC, public_id LIMIT $3;

-- name: session_drop_oldest
-- All but the $2 + 1 last used.
DELETE FROM session
 WHERE viewer_id = $1
   AND seen_at < (SELECT seen_at FROM session s WHERE s.viewer_id = $1
                   ORDER BY seen_at DESC LIMIT 1 OFFSET $2);

-- name: session_drop_ended
DELETE FROM session
 WHERE token_hash IN (SELECT token_hash FROM session WHERE expires_at <= $1
                       ORDER BY expires_at LIMIT $2)
RETURNING viewer_id;

-- name: guest_drop
-- Nothing refers to the guest: whoever wrote stays, and whoever may come back.
DELETE FROM viewer
 WHERE id = $1 AND kind = 'guest'
   AND NOT EXISTS (SELECT 1 FROM session s WHERE s.viewer_id = viewer.id)
   AND NOT EXISTS (SELECT 1 FROM message m WHERE m.viewer_id = viewer.id)
   AND NOT EXISTS (SELECT 1 FROM sanction x WHERE x.viewer_id = viewer.id)
   AND NOT EXISTS (SELECT 1 FROM cart c WHERE c.viewer_id = viewer.id)
   AND NOT EXISTS (SELECT 1 FROM waiting w WHERE w.viewer_id = viewer.id)
   AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.viewer_id = viewer.id)
   AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.viewer_id = viewer.id)
   AND NOT EXISTS (SELECT 1 FROM coupon_take t WHERE t.viewer_id = viewer.id)
   AND NOT EXISTS (SELECT 1 FROM entry n WHERE n.viewer_id = viewer.id)
   AND NOT EXISTS (SELECT 1 FROM address a WHERE a.viewer_id = viewer.id)
   AND NOT EXISTS (SELECT 1 FROM consent a WHERE a.viewer_id = viewer.id)
   AND NOT EXISTS (SELECT 1 FROM buyer_stat b WHERE b.viewer_id = viewer.id)
   AND NOT EXISTS (SELECT 1 FROM push_subscription p WHERE p.viewer_id = viewer.id)
   AND NOT EXISTS (SELECT 1 FROM reminder r WHERE r.viewer_id = viewer.id)
   AND NOT EXISTS (SELECT 1 FROM handover h WHERE h.viewer_id = viewer.id)
   AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.viewer_id = viewer.id)
   AND NOT EXISTS (SELECT 1 FROM privacy_request r WHERE r.viewer_id = viewer.id)
   AND NOT EXISTS (SELECT 1 FROM export_file f WHERE f.viewer_id = viewer.id);
