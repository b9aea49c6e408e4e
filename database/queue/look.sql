-- name: next_release
-- No lock. The heads of three small indexes: the line, the back-offs, the leases.
with next as (
  select least(
    (select release_at from orca.reservations
     where held_job_id is null and not_before is null order by release_at, id limit 1),
    (select not_before from orca.reservations where not_before is not null order by not_before limit 1),
    (select greatest(lease_expires_at, pg_postmaster_start_time() + make_interval(secs => $1::float8))
     from orca.jobs where state = 'grading' order by lease_expires_at limit 1)
  ) as at
)
select greatest(0, extract(epoch from at - now()) * 1000)::float8 as ms from next where at is not null

-- name: find_job_state
-- No lock.
select state, outcome from orca.jobs where id = $1

-- name: find_waiting_place
-- No lock: a position is old when it is read. The place is the one that serves the job: the one that names it, else the one
-- with as many of its submitter's places before it as the submitter has newer jobs.
with job as (
  select id, submitter, arrived_at, is_named from orca.jobs where id = $1 and state = 'waiting'
), place as (
  select r.release_at, r.id, r.not_before from orca.reservations r join job on r.job_id = job.id
  union all
  (select r.release_at, r.id, r.not_before from orca.reservations r
   where r.submitter = (select submitter from job where not is_named)
     and r.job_id is null and r.held_job_id is null
   order by r.release_at, r.id
   limit 1 offset (
     select count(*) from job join orca.jobs newer
       on newer.submitter = job.submitter and newer.state = 'waiting' and not newer.is_named
         and (newer.arrived_at, newer.id) > (job.arrived_at, job.id)
   ))
)
select
  ceil(greatest(0, extract(epoch from greatest(place.release_at, place.not_before) - now())))::float8
    as "releasedInSeconds",
  (select count(*) from orca.reservations before
   where before.held_job_id is null and before.not_before is null and before.release_at <= now()
     and (before.release_at, before.id) < (place.release_at, place.id)) as ahead
from place

-- name: count_jobs
-- No lock. Each reservation serves exactly one job that waits or is held.
select count(*) as jobs from orca.reservations
