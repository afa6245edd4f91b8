-- The columns of every statement that reads giveaways are those of columns_of() in giveaway_read.c.

-- name: giveaway_by_public_id
SELECT g.id, g.public_id, g.show_id, s.public_id, s.shop_id, g.market, g.rule, g.prize_variant_id,
       g.winners, g.claim_hours, g.permit_no, g.state, g.commit_hash, g.seed_sealed, g.seed,
       g.entropy, g.entries_hash, COALESCE(g.opened_at, 0), COALESCE(g.frozen_at, 0),
       COALESCE(g.drawn_at, 0), g.entries
  FROM giveaway g JOIN show s ON s.id = g.show_id
 WHERE g.public_id = $1;

-- name: giveaway_by_id
SELECT g.id, g.public_id, g.show_id, s.public_id, s.shop_id, g.market, g.rule, g.prize_variant_id,
       g.winners, g.claim_hours, g.permit_no, g.state, g.commit_hash, g.seed_sealed, g.seed,
       g.entropy, g.entries_hash, COALESCE(g.opened_at, 0), COALESCE(g.frozen_at, 0),
       COALESCE(g.drawn_at, 0), g.entries
  FROM giveaway g JOIN show s ON s.id = g.show_id
 WHERE g.id = $1;

-- name: giveaway_list
SELECT g.id, g.public_id, g.show_id, s.public_id, s.shop_id, g.market, g.rule, g.prize_variant_id,
       g.winners, g.claim_hours, g.permit_no, g.state, g.commit_hash, g.seed_sealed, g.seed,
       g.entropy, g.entries_hash, COALESCE(g.opened_at, 0), COALESCE(g.frozen_at, 0),
       COALESCE(g.drawn_at, 0), g.entries
  FROM giveaway g JOIN show s ON s.id = g.show_id
 WHERE g.show_id = $1
 ORDER BY g.id DESC
 LIMIT $2;

-- name: giveaway_in_room
-- What a room shows: the one that runs, else the one drawn last.
SELECT g.id, g.public_id, g.show_id, s.public_id, s.shop_id, g.market, g.rule, g.prize_variant_id,
       g.winners, g.claim_hours, g.permit_no, g.state, g.commit_hash, g.seed_sealed, g.seed,
       g.entropy, g.entries_hash, COALESCE(g.opened_at, 0), COALESCE(g.frozen_at, 0),
       COALESCE(g.drawn_at, 0), g.entries
  FROM giveaway g JOIN show s ON s.id = g.show_id
 WHERE g.show_id = $1 AND g.state IN ('open', 'frozen', 'drawn', 'closed')
 ORDER BY CASE WHEN g.state IN ('open', 'frozen') THEN 0 ELSE 1 END, g.drawn_at DESC
 LIMIT 1;

-- name: giveaway_insert
INSERT INTO giveaway (id, public_id, show_id, market, rule, prize_variant_id, winners, claim_hours,
                      permit_no, state, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'draft', $10);

-- name: giveaway_running
SELECT count(*) FROM giveaway WHERE show_id = $1 AND state IN ('open', 'frozen');

-- name: giveaway_set_open
UPDATE giveaway
   SET state = 'open', permit_no = $1, commit_hash = $2, seed_sealed = $3, opened_at = $4,
       hold_id = $5
 WHERE id = $6 AND state = 'draft';

-- name: giveaway_hold
-- The prizes, until they are drawn.
SELECT COALESCE(hold_id, 0) FROM giveaway WHERE id = $1;

-- name: entry_hold
-- The unit of a prize whose line came to an end.
SELECT l.hold_id FROM entry e JOIN cart_line l ON l.id = e.line_id
 WHERE e.giveaway_id = $1 AND e.viewer_id = $2;

-- name: giveaway_set_frozen
-- Announced here, the text is older than the hash of the list; what is typed at the draw is not.
UPDATE giveaway SET state = 'frozen', frozen_at = $1, entropy = $2, entropy_when = $3
 WHERE id = $4 AND state = 'open';

-- name: giveaway_entropy_when
SELECT entropy_when FROM giveaway WHERE id = $1;

-- name: giveaway_set_hash
UPDATE giveaway SET entries_hash = $1
 WHERE id = $2 AND state = 'frozen' AND entries_hash IS NULL;

-- name: giveaway_set_drawn
UPDATE giveaway SET state = 'drawn', seed = $1, entropy = $2, entropy_when = $3, drawn_at = $4
 WHERE id = $5 AND state = 'frozen' AND entries_hash IS NOT NULL;

-- name: giveaway_set_cancelled
UPDATE giveaway SET state = 'cancelled' WHERE id = $1 AND state IN ('draft', 'open', 'frozen');

-- name: giveaway_set_closed
-- Every prize has gone where it goes.
UPDATE giveaway SET state = 'closed'
 WHERE id = $1 AND state = 'drawn'
   AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.giveaway_id = giveaway.id AND e.state = 'won');

-- name: giveaway_count_in
-- One more, while it is open: the row is locked, so that none slips in behind a freeze.
UPDATE giveaway SET entries = entries + 1
 WHERE id = $1 AND state = 'open' AND entries < $2
RETURNING entries;

-- name: giveaway_untold
SELECT id FROM giveaway WHERE state = 'open' AND told <> entries ORDER BY id LIMIT 16;

-- name: giveaway_tell
UPDATE giveaway SET told = entries
 WHERE id = $1 AND state = 'open' AND told <> entries
RETURNING entries;

-- name: entry_of_viewer
SELECT public_id, COALESCE(rank, 0), state, COALESCE(until, 0)
  FROM entry WHERE giveaway_id = $1 AND viewer_id = $2;

-- name: entry_insert
INSERT INTO entry (giveaway_id, viewer_id, public_id, name_masked, at)
VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING;

-- name: entry_list
SELECT public_id, name_masked, viewer_id, at FROM entry WHERE giveaway_id = $1
 ORDER BY public_id LIMIT $2;

-- name: entry_set_rank
UPDATE entry SET rank = $1 WHERE giveaway_id = $2 AND viewer_id = $3;

-- name: entry_set_won
UPDATE entry SET state = 'won', line_id = $1, until = $2 WHERE giveaway_id = $3 AND viewer_id = $4;

-- name: entry_set_state
UPDATE entry SET state = $1 WHERE giveaway_id = $2 AND viewer_id = $3 AND state = $4;

-- name: entry_next
SELECT viewer_id, rank, public_id FROM entry
 WHERE giveaway_id = $1 AND state = 'in' AND rank IS NOT NULL
 ORDER BY rank LIMIT 1;

-- name: entry_winners
SELECT rank, public_id, name_masked, state, COALESCE(until, 0) FROM entry
 WHERE giveaway_id = $1 AND state <> 'in'
 ORDER BY rank LIMIT $2;

-- name: entry_ended
-- Prizes whose line in the cart came to an end.
SELECT e.giveaway_id, e.viewer_id, l.state
  FROM entry e JOIN cart_line l ON l.id = e.line_id
 WHERE e.state = 'won' AND l.state <> 'held'
 ORDER BY e.giveaway_id, e.rank LIMIT 16;

-- name: entry_merge
UPDATE entry SET viewer_id = $1
 WHERE viewer_id = $2
   AND NOT EXISTS (SELECT 1 FROM entry m
                    WHERE m.giveaway_id = entry.giveaway_id AND m.viewer_id = $3);
