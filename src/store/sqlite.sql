-- What the SQLite engine itself says to the database. Names begin with lite_.

-- name: lite_begin_write
BEGIN IMMEDIATE;

-- name: lite_begin_read
BEGIN;

-- name: lite_commit
COMMIT;

-- name: lite_savepoint
SAVEPOINT job;

-- name: lite_release
RELEASE job;

-- name: lite_undo
ROLLBACK TO job;

-- name: lite_journal_mode
PRAGMA journal_mode = WAL;

-- name: lite_steps_known
SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'migration';

-- name: lite_things_known
SELECT COUNT(*) FROM sqlite_schema;

-- name: lite_broken_references
SELECT COUNT(*) FROM pragma_foreign_key_check;

-- name: lite_quick_check
SELECT COUNT(*) FROM pragma_quick_check WHERE quick_check <> 'ok';
