-- As stock/reconcile.sql: id, what it should be, what it is; $1 the shop (0: all), $2 a limit.

-- name: check_claim_numbers
-- 1, 2, 3 ... in each show, and the ledger knows how many.
SELECT a.show_id, a.claim_no, count(c.id)
  FROM show_sale a
  JOIN show s ON s.id = a.show_id
  LEFT JOIN claim c ON c.show_id = a.show_id
 WHERE $1 = 0 OR s.shop_id = $1
 GROUP BY a.show_id, a.claim_no
HAVING count(c.id) <> a.claim_no OR coalesce(max(c.seq_no), 0) <> a.claim_no
 LIMIT $2;

-- name: check_claim_line
-- What a claim was given is held by its line.
SELECT c.id, c.qty_given, coalesce(l.qty, 0)
  FROM claim c
  JOIN show s ON s.id = c.show_id
  LEFT JOIN cart_line l ON l.id = c.line_id AND l.state = 'held'
 WHERE c.state IN ('granted', 'partial', 'reduced') AND ($1 = 0 OR s.shop_id = $1)
   AND (l.id IS NULL OR l.qty <> c.qty_given)
 LIMIT $2;

-- name: check_claim_ordered
SELECT c.id, c.qty_given, coalesce(l.qty, 0)
  FROM claim c
  JOIN show s ON s.id = c.show_id
  LEFT JOIN cart_line l ON l.id = c.line_id AND l.state = 'ordered'
 WHERE c.state = 'ordered' AND ($1 = 0 OR s.shop_id = $1)
   AND (l.id IS NULL OR l.qty <> c.qty_given)
 LIMIT $2;

-- name: check_line_claim
-- A held line that was claimed has a claim that says so.
SELECT l.id, l.qty, 0
  FROM cart_line l
  JOIN cart k ON k.id = l.cart_id
  LEFT JOIN claim c
    ON c.id = l.claim_id AND c.line_id = l.id AND c.state IN ('granted', 'partial', 'reduced')
 WHERE l.state = 'held' AND l.claim_id IS NOT NULL AND c.id IS NULL AND ($1 = 0 OR k.shop_id = $1)
 LIMIT $2;

-- name: check_buyer_limit
-- What counts towards a buyer's limit is what they have and wait for.
SELECT t.viewer_id,
       CAST(coalesce(sum(CASE WHEN c.state IN ('granted', 'partial', 'reduced', 'ordered')
                              THEN c.qty_given
                              WHEN c.state = 'waitlisted' AND w.state IN ('waiting', 'offered')
                              THEN w.qty ELSE 0 END), 0) AS BIGINT),
       t.qty
  FROM listing_take t
  JOIN listing i ON i.id = t.listing_id
  JOIN show s ON s.id = i.show_id
  LEFT JOIN claim c
    ON c.viewer_id = t.viewer_id AND c.show_id = i.show_id AND c.listing_id = t.listing_id
  LEFT JOIN waiting w ON w.id = c.waiting_id
 WHERE $1 = 0 OR s.shop_id = $1
 GROUP BY t.listing_id, t.viewer_id, t.qty
HAVING t.qty <> coalesce(sum(CASE WHEN c.state IN ('granted', 'partial', 'reduced', 'ordered')
                                  THEN c.qty_given
                                  WHEN c.state = 'waitlisted' AND w.state IN ('waiting', 'offered')
                                  THEN w.qty ELSE 0 END), 0)
 LIMIT $2;

-- name: check_event_numbers
-- I11: no gaps.
SELECT g.show_id, g.head, count(e.seq)
  FROM show_log g
  JOIN show s ON s.id = g.show_id
  LEFT JOIN event e ON e.show_id = g.show_id
 WHERE $1 = 0 OR s.shop_id = $1
 GROUP BY g.show_id, g.head
HAVING count(e.seq) <> g.head OR coalesce(max(e.seq), 0) <> g.head
 LIMIT $2;

-- name: check_coupon
SELECT p.id, count(t.id), p.taken
  FROM coupon p LEFT JOIN coupon_take t ON t.coupon_id = p.id
 WHERE $1 = 0 OR p.shop_id = $1
 GROUP BY p.id, p.taken
HAVING count(t.id) <> p.taken
 LIMIT $2;
