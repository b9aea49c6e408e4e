-- name: lock_held_place
-- Under the job's row lock: claims do not look at the pen.
select id from orca.reservations where held_job_id = $1 for update

-- name: lock_serving_place
-- Under the job's row lock. The place that serves a waiting job: the one that names it; else, since the submitter's newest
-- job is served first, the one that has as many places before it as the job has newer ones. SKIP LOCKED: a claim that has
-- this place may be waiting for this job; the caller lets go of the job and starts again. What the place names is asked
-- again of the row that is locked: another job may have been given it since the snapshot was taken.
with job as (
  select id, submitter, arrived_at, is_named from orca.jobs where id = $1
), serving as (
  -- By a value and not by a join: a plan may not come to walk over all places that name a job.
  select r.id from orca.reservations r where r.job_id = (select id from job)
  union all
  (select r.id from orca.reservations r
   where r.submitter = (select submitter from job where not is_named)
     and r.job_id is null and r.held_job_id is null
   order by r.release_at, r.id
   limit 1 offset (
     select count(*) from job join orca.jobs newer
       on newer.submitter = job.submitter and newer.state = 'waiting' and not newer.is_named
         and (newer.arrived_at, newer.id) > (job.arrived_at, job.id)
   ))
)
select r.id from orca.reservations r join serving on serving.id = r.id
where r.held_job_id is null and (r.job_id is null or r.job_id = $1)
for update of r skip locked
