-- name: words_of_shop
SELECT word FROM blocked_word WHERE shop_id = $1 ORDER BY position LIMIT 200;

-- name: words_clear
DELETE FROM blocked_word WHERE shop_id = $1;

-- name: word_insert
INSERT INTO blocked_word (shop_id, position, word) VALUES ($1, $2, $3);
