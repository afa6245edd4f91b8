-- name: legal_shop
SELECT slug, name, privacy_contact FROM shop WHERE id = $1;

-- name: legal_text_at
-- Of a language, at a version.
SELECT title, body, version, at FROM legal_text
 WHERE shop_id = $1 AND doc = $2 AND lang = $3 AND version > 0 AND version <= $4
 ORDER BY version DESC LIMIT 1;

-- name: legal_draft
SELECT title, body, at FROM legal_text
 WHERE shop_id = $1 AND doc = $2 AND lang = $3 AND version = 0;

-- name: legal_newest
SELECT CAST(coalesce(max(version), 0) AS BIGINT), CAST(coalesce(max(at), 0) AS BIGINT)
  FROM legal_text WHERE shop_id = $1 AND doc = $2 AND version > 0;

-- name: legal_versions
SELECT version, at, lang FROM legal_text
 WHERE shop_id = $1 AND doc = $2 AND version > 0 ORDER BY version DESC LIMIT 50;

-- name: legal_langs
SELECT lang, CAST(max(version) AS BIGINT), CAST(sum(CASE WHEN version = 0 THEN 1 ELSE 0 END) AS BIGINT)
  FROM legal_text WHERE shop_id = $1 AND doc = $2 GROUP BY lang ORDER BY lang LIMIT 20;

-- name: legal_insert
INSERT INTO legal_text (shop_id, doc, lang, version, title, body, by_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (shop_id, doc, version, lang)
DO UPDATE SET title = excluded.title, body = excluded.body, by_id = excluded.by_id,
              at = excluded.at;

-- name: legal_draft_gone
DELETE FROM legal_text WHERE shop_id = $1 AND doc = $2 AND lang = $3 AND version = 0;

-- name: legal_contact_set
UPDATE shop SET privacy_contact = $1 WHERE id = $2;
