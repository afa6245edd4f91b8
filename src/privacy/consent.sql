-- name: consent_last
-- How it stands: of a kind, and for the texts of a shop of that shop.
SELECT granted, version FROM consent
 WHERE viewer_id = $1 AND kind = $2 AND coalesce(shop_id, 0) = $3 ORDER BY id DESC LIMIT 1;

-- name: consent_add
INSERT INTO consent (id, viewer_id, kind, granted, version, lang, source, shop_id, ref, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: consent_version
SELECT CAST(coalesce(max(version), 0) AS BIGINT) FROM legal_text
 WHERE shop_id = $1 AND doc = $2 AND version > 0;

-- name: consent_own
-- The last one of its kind and shop counts.
SELECT c.kind, c.granted, c.version, c.lang, c.source, s.name, c.ref, c.at,
       CASE WHEN EXISTS (SELECT 1 FROM consent n
                          WHERE n.viewer_id = c.viewer_id AND n.kind = c.kind AND n.id > c.id
                            AND coalesce(n.shop_id, 0) = coalesce(c.shop_id, 0))
            THEN 0 ELSE 1 END
  FROM consent c LEFT JOIN shop s ON s.id = c.shop_id
 WHERE c.viewer_id = $1 ORDER BY c.id DESC LIMIT 200;

-- name: consent_of_shop
SELECT c.id, c.kind, c.granted, c.version, c.lang, c.source, c.ref, c.at, v.public_id,
       v.display_name
  FROM consent c JOIN viewer v ON v.id = c.viewer_id
 WHERE c.shop_id = $1 AND c.id < $2 ORDER BY c.id DESC LIMIT $3;
