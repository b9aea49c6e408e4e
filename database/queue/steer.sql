-- name: lock_job_to_steer
-- The job's row is the lock for everything that happens to it. One of another client is as unknown as none.
select id, state, outcome, config from orca.jobs
where id = $1 and ($2::text[] is null or client = any ($2::text[]))
for no key update

-- name: cancel_job
-- Under lock_job_to_steer, and the lock of its place when it has one: job and place go together, so that the submitter's
-- other jobs keep theirs. A run's token counts no more. The primary key of results refuses a second result.
with gone as (
  delete from orca.reservations where id = $2
), done as (
  update orca.jobs set
    state = 'finished', outcome = 'cancelled', finished_at = now(),
    release_at = null, lease_token = null, lease_worker = null, lease_expires_at = null, container = null
  where id = $1
  returning id, generation, client
), kept as (
  insert into orca.results (job_id, generation, outcome, grading_id, body)
  select id, generation, 'cancelled', $3, $4 from done
)
insert into orca.deliveries (kind, job_id, generation, client, webhook_id)
select 'result', id, generation, client, $3 from done

-- name: lock_ends_of_line
-- Before lock_job_to_steer. Moves come one after another: two that looked at the same end would share it.
select pg_advisory_xact_lock($1::bigint)

-- name: move_place_to_front
-- Under lock_ends_of_line and the lock of the place. Before all that waits, is held, backs off, or may come back from a
-- worker; and before a PUT under way, whose arrival is the beginning of its transaction.
with first as (
  select least(
    (select min(release_at) from orca.reservations where held_job_id is null and not_before is null),
    (select min(release_at) from orca.reservations where held_job_id is not null),
    (select min(release_at) from orca.reservations where not_before is not null),
    (select min(release_at) from orca.jobs where state = 'grading'),
    now() - make_interval(secs => $3::float8)
  ) as at
)
update orca.reservations set
  job_id = $2, not_before = null, release_at = (select at from first) - interval '1 microsecond'
where id = $1

-- name: move_place_to_back
-- Under lock_ends_of_line and the lock of the place. A PUT under way comes behind it or was there before, as its clock says.
with last as (
  select greatest(
    (select max(release_at) from orca.reservations where held_job_id is null and not_before is null),
    (select max(release_at) from orca.reservations where held_job_id is not null),
    (select max(release_at) from orca.reservations where not_before is not null),
    now()
  ) as at
)
update orca.reservations set
  job_id = $2, release_at = (select at from last) + interval '1 microsecond'
where id = $1

-- name: name_moved_job
-- Under lock_job_to_steer. One that is delayed is immediate no more: a PUT may make it so again.
update orca.jobs set is_named = true, is_immediate = is_immediate and $2 where id = $1
