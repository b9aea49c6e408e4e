-- name: find_job_details
-- No lock. Of the submitter whose place it has: an update's content may name another, which counts with its next place.
select id as "jobId", client, state, generation, coalesce((labels -> 'collation')::json, config -> 'collation') as collation,
  config -> 'metadata_table' as metadata, image_sha as "imageSha", is_immediate as "isImmediate",
  arrived_at as "arrivedAt", release_at as "releaseAt", claimed_at as "claimedAt", finished_at as "finishedAt",
  faults, last_fault as "lastFault", lease_worker as "workerId", container, outcome, now() as now
from orca.jobs where id = $1

-- name: find_job_id
-- No lock.
select id as "jobId" from orca.jobs where identity = $1

-- name: find_job_place
-- No lock. As find_waiting_place finds it, the holding pen included; without counting what is ahead.
with job as (
  select id, submitter, arrived_at, is_named from orca.jobs where id = $1 and state in ('waiting', 'held')
)
select r.release_at as "releaseAt", r.not_before as "notBefore"
from orca.reservations r join job on r.job_id = job.id or r.held_job_id = job.id
union all
(select r.release_at, r.not_before from orca.reservations r
 where r.submitter = (select submitter from job where not is_named)
   and r.job_id is null and r.held_job_id is null
 order by r.release_at, r.id
 limit 1 offset (
   select count(*) from job join orca.jobs newer
     on newer.submitter = job.submitter and newer.state = 'waiting' and not newer.is_named
       and (newer.arrived_at, newer.id) > (job.arrived_at, job.id)
 ))
limit 1

-- name: list_results
-- No lock. Without the bodies; the timings are cut out where they stand, since a body may be long and hold what a JSON
-- function of PostgreSQL refuses. Inside of a string their quotes would be escaped.
select generation, outcome, grading_id as "gradingId", made_at as "madeAt",
  case when strpos(body, '"timings":{') > 0
    then substring(substr(body, strpos(body, '"timings":{') + 10, $3::integer) from '^\{[^{}]*\}') end as timings
from orca.results where job_id = $1
order by generation desc
limit $2

-- name: find_result
-- No lock. Of one generation, or of the last that has one.
select generation, grading_id as "gradingId", body from orca.results
where job_id = $1 and ($2::integer is null or generation = $2)
order by generation desc
limit 1
