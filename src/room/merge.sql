-- name: claims_merge
-- A key that both used answers for the account's own claim.
UPDATE claim
   SET viewer_id = $1,
       idem = CASE WHEN EXISTS (SELECT 1 FROM claim x
                                 WHERE x.viewer_id = $1 AND x.idem = claim.idem)
                   THEN NULL ELSE idem END
 WHERE viewer_id = $2;

-- name: takes_merge
INSERT INTO listing_take (listing_id, viewer_id, qty)
SELECT listing_id, $1, qty FROM listing_take WHERE viewer_id = $2 AND listing_id IN
       (SELECT c.listing_id FROM claim c WHERE c.viewer_id = $1)
ON CONFLICT (listing_id, viewer_id) DO UPDATE SET qty = listing_take.qty + excluded.qty;

-- name: takes_forget
DELETE FROM listing_take
 WHERE viewer_id = $1 AND listing_id IN
       (SELECT c.listing_id FROM claim c WHERE c.viewer_id = $2);

-- name: reviews_merge
UPDATE review SET viewer_id = $1
 WHERE viewer_id = $2 AND message_id IN (SELECT m.id FROM message m WHERE m.viewer_id = $2);

-- name: words_merge
-- What was said as a guest is the account's: to hide, to copy, to delete.
UPDATE message SET viewer_id = $1 WHERE viewer_id = $2;

-- name: word_events_merge
UPDATE event SET viewer_id = $1 WHERE type = 'chat.message' AND viewer_id = $2;
