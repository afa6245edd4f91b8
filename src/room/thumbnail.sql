-- name: thumbnail_due
SELECT id, shop_id, public_id, thumbnail, thumb_tries FROM show
 WHERE thumbnail IS NOT NULL AND thumb_key IS NULL AND thumb_next <= $1 AND thumb_tries < $2
   AND state IN ('replay_ready', 'archived')
 ORDER BY thumb_next, id LIMIT 1;

-- name: thumbnail_kept
UPDATE show SET thumb_key = $1 WHERE id = $2;

-- name: thumbnail_later
UPDATE show SET thumb_tries = thumb_tries + 1, thumb_next = $1 WHERE id = $2;
