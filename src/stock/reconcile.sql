-- What must never be found. Each: id, what it should be, what it is; $1 the shop (0: all), $2 a limit.

-- name: check_held
-- I2: held is the sum of the active holds.
SELECT v.id, CAST(coalesce(sum(h.qty), 0) AS BIGINT), v.stock_held
  FROM variant v LEFT JOIN hold h ON h.variant_id = v.id AND h.state = 'active'
 WHERE $1 = 0 OR v.shop_id = $1
 GROUP BY v.id, v.stock_held
HAVING v.stock_held <> coalesce(sum(h.qty), 0)
 LIMIT $2;

-- name: check_range
-- I1
SELECT id, stock_total, stock_held FROM variant
 WHERE (stock_held < 0 OR stock_held > stock_total) AND ($1 = 0 OR shop_id = $1)
 LIMIT $2;

-- name: check_ledger_total
SELECT v.id, CAST(coalesce(sum(m.d_total), 0) AS BIGINT), v.stock_total
  FROM variant v LEFT JOIN stock_move m ON m.variant_id = v.id
 WHERE $1 = 0 OR v.shop_id = $1
 GROUP BY v.id, v.stock_total
HAVING v.stock_total <> coalesce(sum(m.d_total), 0)
 LIMIT $2;

-- name: check_ledger_held
SELECT v.id, CAST(coalesce(sum(m.d_held), 0) AS BIGINT), v.stock_held
  FROM variant v LEFT JOIN stock_move m ON m.variant_id = v.id
 WHERE $1 = 0 OR v.shop_id = $1
 GROUP BY v.id, v.stock_held
HAVING v.stock_held <> coalesce(sum(m.d_held), 0)
 LIMIT $2;

-- name: check_deal
-- I3: taken is what is held and what was sold in the deal.
SELECT d.id, CAST(coalesce(sum(h.qty), 0) AS BIGINT), d.taken
  FROM deal d
  JOIN show s ON s.id = d.show_id
  LEFT JOIN hold h ON h.deal_id = d.id AND h.state IN ('active', 'used')
 WHERE $1 = 0 OR s.shop_id = $1
 GROUP BY d.id, d.taken
HAVING d.taken <> coalesce(sum(h.qty), 0)
 LIMIT $2;

-- name: check_deal_buyer
SELECT t.viewer_id, CAST(coalesce(sum(h.qty), 0) AS BIGINT), t.qty
  FROM deal_take t
  JOIN deal d ON d.id = t.deal_id
  JOIN show s ON s.id = d.show_id
  LEFT JOIN hold h
    ON h.viewer_id = t.viewer_id AND h.deal_id = t.deal_id AND h.state IN ('active', 'used')
 WHERE $1 = 0 OR s.shop_id = $1
 GROUP BY t.deal_id, t.viewer_id, t.qty
HAVING t.qty <> coalesce(sum(h.qty), 0)
 LIMIT $2;

-- name: check_deal_hold
-- Held or sold in a deal, and not counted as its buyer's.
SELECT h.id, h.qty, 0
  FROM hold h
  JOIN variant v ON v.id = h.variant_id
 WHERE h.deal_id IS NOT NULL AND h.state IN ('active', 'used') AND ($1 = 0 OR v.shop_id = $1)
   AND NOT EXISTS (SELECT 1 FROM deal_take t
                    WHERE t.deal_id = h.deal_id AND t.viewer_id = h.viewer_id)
 LIMIT $2;

-- name: check_place
-- Places 1, 2, 3 ... without gaps.
SELECT variant_id, count(*), max(place)
  FROM waiting
 WHERE $1 = 0 OR shop_id = $1
 GROUP BY variant_id, show_id
HAVING count(*) <> max(place) OR min(place) <> 1
 LIMIT $2;

-- name: check_offer
-- An offer in force has its hold.
SELECT w.id, w.qty, coalesce(h.qty, 0)
  FROM waiting w
  LEFT JOIN hold h
    ON h.id = w.hold_id AND h.state = 'active' AND h.owner = 'offer' AND h.owner_id = w.id
 WHERE w.state = 'offered' AND (h.id IS NULL OR h.qty <> w.qty) AND ($1 = 0 OR w.shop_id = $1)
 LIMIT $2;

-- name: check_offer_hold
SELECT h.id, 0, h.qty
  FROM hold h
  JOIN variant v ON v.id = h.variant_id
  LEFT JOIN waiting w ON w.id = h.owner_id AND w.hold_id = h.id AND w.state = 'offered'
 WHERE h.state = 'active' AND h.owner = 'offer' AND w.id IS NULL AND ($1 = 0 OR v.shop_id = $1)
 LIMIT $2;

-- name: check_idle
-- Units are free while somebody waits for them at the list price.
SELECT v.id, 0, v.stock_total - v.stock_held
  FROM variant v
 WHERE v.stock_total > v.stock_held AND v.track_stock = 1 AND ($1 = 0 OR v.shop_id = $1)
   AND EXISTS (SELECT 1 FROM waiting w
                WHERE w.variant_id = v.id AND w.state = 'waiting'
                  AND (w.deal_id IS NULL
                       OR EXISTS (SELECT 1 FROM deal d
                                   WHERE d.id = w.deal_id AND d.state IN ('closed', 'cancelled'))))
 LIMIT $2;
