-- name: shop_insert
-- No row: the slug is taken.
INSERT INTO shop (id, public_id, slug, name, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (slug) DO NOTHING
RETURNING id;

-- name: shop_get
SELECT id, public_id, slug, name FROM shop WHERE id = $1;

-- name: shop_get_public
SELECT id, public_id, slug, name FROM shop WHERE public_id = $1;

-- name: shop_get_slug
SELECT id, public_id, slug, name FROM shop WHERE slug = $1;

-- name: shop_get_first
SELECT id, public_id, slug, name FROM shop ORDER BY id LIMIT 1;

-- name: staff_get
SELECT role FROM staff WHERE viewer_id = $1 AND shop_id = $2;

-- name: staff_list_viewer
SELECT t.viewer_id, t.shop_id, t.role, v.public_id, v.display_name, i.subject,
       s.public_id, s.slug, s.name
  FROM staff t
  JOIN viewer v ON v.id = t.viewer_id
  JOIN shop s ON s.id = t.shop_id
  LEFT JOIN identity i ON i.viewer_id = v.id AND i.provider = 'email'
 WHERE t.viewer_id = $1 AND v.deleted_at IS NULL
 ORDER BY t.shop_id LIMIT $2;

-- name: staff_list_shop
SELECT t.viewer_id, t.shop_id, t.role, v.public_id, v.display_name, i.subject,
       s.public_id, s.slug, s.name
  FROM staff t
  JOIN viewer v ON v.id = t.viewer_id
  JOIN shop s ON s.id = t.shop_id
  LEFT JOIN identity i ON i.viewer_id = v.id AND i.provider = 'email'
 WHERE t.shop_id = $1 AND v.deleted_at IS NULL
 ORDER BY t.created_at, t.viewer_id LIMIT $2;

-- name: staff_possible
-- Such an account and such a shop.
SELECT v.id FROM viewer v, shop s
 WHERE v.id = $1 AND v.kind = 'account' AND v.deleted_at IS NULL AND s.id = $2;

-- name: staff_put
-- No row: it would leave the shop without an owner.
INSERT INTO staff (viewer_id, shop_id, role, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (viewer_id, shop_id) DO UPDATE SET role = excluded.role
 WHERE staff.role <> 'owner' OR excluded.role = 'owner'
    OR EXISTS (SELECT 1 FROM staff o WHERE o.shop_id = excluded.shop_id AND o.role = 'owner'
                AND o.viewer_id <> excluded.viewer_id)
RETURNING viewer_id;

-- name: staff_drop
-- No row: as above.
DELETE FROM staff
 WHERE viewer_id = $1 AND shop_id = $2
   AND (role <> 'owner'
        OR EXISTS (SELECT 1 FROM staff o WHERE o.shop_id = $2 AND o.role = 'owner'
                    AND o.viewer_id <> $1))
RETURNING viewer_id;
