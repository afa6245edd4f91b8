-- name: migrations_done
SELECT version, name FROM migration ORDER BY version;

-- name: migration_done
INSERT INTO migration (version, name, at) VALUES ($1, $2, $3);
