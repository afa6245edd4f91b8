-- What the store itself says to the database.

-- name: begin_write
BEGIN IMMEDIATE;

-- name: begin_read
BEGIN;

-- name: commit
COMMIT;

-- name: savepoint
SAVEPOINT job;

-- name: release
RELEASE job;

-- name: undo
ROLLBACK TO job;
