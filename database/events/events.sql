-- name: last_event_number
-- No lock. Read before open_event_marks: a transaction that marks later gets higher numbers.
select last_value as "lastNumber" from orca.job_events_id_seq

-- name: open_event_marks
-- No lock. The lowest mark of a transaction that is writing events: what it writes has higher numbers. The key of a mark is
-- 2^62 and the number; PostgreSQL shows its halves.
select min(((classid::bigint - 1073741824) << 32) + objid::bigint) as mark
from pg_locks
where locktype = 'advisory' and objsubid = 1 and classid::bigint >= 1073741824
  and database = (select oid from pg_database where datname = current_database())

-- name: first_event_number
-- No lock. The head of the primary key.
select id as "firstNumber" from orca.job_events order by id limit 1

-- name: read_events
-- No lock: nothing up to the mark is being written any more.
select id as number, job_id as "jobId", generation, client, kind, at, facts from orca.shown_events
where id > $1 and id <= $2 order by id limit $3

-- name: read_events_of_clients
-- No lock, as read_events.
select id as number, job_id as "jobId", generation, client, kind, at, facts from orca.shown_events
where id > $1 and id <= $2 and client = any($4::text[]) order by id limit $3

-- name: read_events_of_job
-- No lock, as read_events.
select id as number, job_id as "jobId", generation, client, kind, at, facts from orca.shown_events
where job_id = $4 and id > $1 and id <= $2 order by id limit $3

-- name: note_commands
-- The token is the fence: a run that lost its job tells nothing more. No lock: the job may change at this moment, and
-- events are no part of the result.
insert into orca.job_events (job_id, generation, client, kind, facts)
select j.id, j.generation, j.client, 'command', given.facts
from orca.jobs j, json_array_elements($3::json) with ordinality as given (facts, number)
where j.id = $1 and j.lease_token = $2
order by given.number

-- name: prune_events
-- The oldest first, by the primary key; a few at a time, so that nobody waits for it.
delete from orca.job_events e using (
  select id, at from orca.job_events order by id limit $1
) as old
where e.id = old.id
  and (old.at < now() - make_interval(secs => $2::float8)
    or old.id <= (select last_value from orca.job_events_id_seq) - $3::bigint)
returning e.id
