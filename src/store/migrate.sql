-- name: migration_table_known
SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'migration';

-- name: anything_known
SELECT COUNT(*) FROM sqlite_schema;

-- name: migrations_done
SELECT version, name FROM migration ORDER BY version;

-- name: migration_done
INSERT INTO migration (version, name, at) VALUES ($1, $2, $3);

-- name: broken_references
SELECT COUNT(*) FROM pragma_foreign_key_check;
