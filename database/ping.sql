-- name: ping
-- No lock. The least that can be asked.
select 1 as one

-- name: probe_room
-- In a transaction that is rolled back. Text that cannot be compressed much, as a large object: needs pages of its own, and
-- no table of ours.
select lo_from_bytea(0, convert_to(string_agg(md5(number::text), ''), 'UTF8')) as "objectId"
from generate_series(1, 4096) as number
