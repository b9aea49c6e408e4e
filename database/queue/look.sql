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
-- with as many of its submitter's places before it as the submitter has newer jobs, of which $2 are counted. Of the released
-- places before it $3 are counted; beyond, $4 pages of the table stand for all of them.
with job as (
  select id, submitter, arrived_at, is_named from orca.jobs where id = $1 and state = 'waiting'
), newer as materialized (
  select count(*) as jobs from (
    select from job join orca.jobs newer
      on newer.submitter = job.submitter and newer.state = 'waiting' and not newer.is_named
        and (newer.arrived_at, newer.id) > (job.arrived_at, job.id)
    where not job.is_named
    limit $2::bigint
  ) as few
), place as materialized (
  select r.release_at, r.id, r.not_before from orca.reservations r where r.job_id = (select id from job where is_named)
  union all
  (select r.release_at, r.id, r.not_before from orca.reservations r
   where r.submitter = (select submitter from job where not is_named)
     and r.job_id is null and r.held_job_id is null
   order by r.release_at, r.id
   limit 1 offset (select jobs from newer))
), before as materialized (
  select count(*) as places from (
    (select from orca.reservations r
     where r.held_job_id is null and r.not_before is null
       and r.release_at <= least(now(), (select release_at from place)) -- one bound: of two the index keeps to the wider one
       and (r.release_at < (select release_at from place) or r.id < (select id from place))
     order by r.release_at, r.id -- by the index: else the table is read through where few are ahead
     limit $3::bigint)
    union all
    (select from orca.reservations r
     where r.not_before <= now() and (r.release_at, r.id) < ((select release_at from place), (select id from place))
     limit $3::bigint)
  ) as few
)
select
  ceil(greatest(0, extract(epoch from greatest(place.release_at, place.not_before) - now())))::float8
    as "releasedInSeconds",
  newer.jobs >= $2::bigint as "isFurther",
  before.places as counted,
  case when before.places >= $3::bigint then (
    select count(*) * greatest(1, pg_relation_size('orca.reservations') / current_setting('block_size')::float8 / $4::float8)
    from orca.reservations r tablesample system (
      least(100, 100 * $4::float8 * current_setting('block_size')::float8
        / greatest(1, pg_relation_size('orca.reservations')))::real
    ) repeatable (1)
    where r.held_job_id is null and r.not_before is null and r.release_at <= now()
      and (r.release_at, r.id) < (place.release_at, place.id)
  ) end::float8 as estimated
from place cross join newer cross join before

-- name: measure_pace
-- No lock. How long the last $1 jobs that ended in the last hour were graded for, and how many can be graded at once.
select
  (select coalesce(sum(slots), 0) from orca.workers
   where retired_at is null and beat_at > now() - make_interval(secs => $2::float8))::float8 as slots,
  count(*) as jobs,
  avg(extract(epoch from finished_at - claimed_at))::float8 as "secondsPerJob"
from (
  select finished_at, claimed_at, outcome from orca.jobs
  where state = 'finished' and finished_at > now() - interval '1 hour'
  order by finished_at desc
  limit $1::bigint
) as last
where outcome = 'graded' and claimed_at is not null

-- name: count_jobs
-- No lock. Each reservation serves exactly one job that waits or is held.
select count(*) as jobs from orca.reservations
