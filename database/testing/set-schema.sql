-- name: make_schema_newer
-- No lock: only one test uses the database.
insert into orca.migrations (number, name) values (9999, '9999_of_the_future')

-- name: make_schema_older
-- No lock: only one test uses the database.
delete from orca.migrations where number > 1
