-- name: list_unserved_submitters
-- No lock: a statement sees one moment. N jobs that no place names, N places that name none.
select min(job_id) as "jobId",
  format('%s jobs of one submitter wait without a place that names them, and %s of its places name none', sum(jobs), sum(places))
    as sentence
from (
  select submitter, id as job_id, 1 as jobs, 0 as places from orca.jobs where state = 'waiting' and not is_named
  union all
  select submitter, null, 0, 1 from orca.reservations where job_id is null and held_job_id is null
) as each
group by submitter having sum(jobs) <> sum(places)
limit $1

-- name: list_named_jobs_without_place
-- No lock.
select j.id as "jobId", 'It waits to be served by the place that names it, and none does' as sentence
from orca.jobs j
where j.state = 'waiting' and j.is_named
  and not exists (select from orca.reservations r where r.job_id = j.id and r.held_job_id is null)
limit $1

-- name: list_held_jobs_without_place
-- No lock.
select j.id as "jobId", 'It is held, and no place waits with it in the pen' as sentence
from orca.jobs j
where j.state = 'held' and not exists (select from orca.reservations r where r.held_job_id = j.id)
limit $1

-- name: list_places_that_serve_none
-- No lock.
select j.id as "jobId", format('A place is kept for it, and does not fit: the job is %s', j.state) as sentence
from orca.reservations r join orca.jobs j on j.id = coalesce(r.held_job_id, r.job_id)
where r.submitter <> j.submitter
  or (r.job_id is not null) <> j.is_named
  or j.state <> case when r.held_job_id is null then 'waiting'::orca.job_state else 'held' end
limit $1

-- name: list_finished_jobs_without_result
-- No lock.
select j.id as "jobId", format('It is %s, and its generation %s has no such result', j.outcome, j.generation) as sentence
from orca.jobs j
where j.state = 'finished' and not exists (
  select from orca.results r where r.job_id = j.id and r.generation = j.generation and r.outcome = j.outcome)
limit $1

-- name: list_early_results
-- No lock.
select j.id as "jobId",
  format('It has a result of generation %s, and is %s in generation %s', r.generation, j.state, j.generation) as sentence
from orca.results r join orca.jobs j on j.id = r.job_id
where r.generation > j.generation or (r.generation = j.generation and j.state <> 'finished')
limit $1

-- name: list_results_owed_to_nobody
-- No lock. One that a newer generation overtook may be dropped.
select r.job_id as "jobId", format('Nobody is told the result of its generation %s', r.generation) as sentence
from orca.results r join orca.jobs j on j.id = r.job_id
where not exists (
  select from orca.deliveries d
  where d.kind = 'result' and d.job_id = r.job_id and d.generation = r.generation
    and (d.state <> 'dropped' or r.generation < j.generation))
limit $1

-- name: list_statuses_after_result
-- No lock.
select j.id as "jobId", 'A status is owed to its client after the result' as sentence
from orca.jobs j
join orca.deliveries told on told.kind = 'result' and told.job_id = j.id and told.generation = j.generation
where j.state = 'finished'
  and exists (select from orca.deliveries s where s.kind = 'status' and s.job_id = j.id and s.id > told.id)
limit $1

-- name: list_shared_leases
-- No lock.
select min(id) as "jobId", format('%s runs have the same token', count(*)) as sentence
from orca.jobs where state = 'grading' group by lease_token having count(*) > 1
limit $1

-- name: list_early_runs
-- No lock.
select id as "jobId", 'Its run began before its release time' as sentence
from orca.jobs where state = 'grading' and claimed_at < release_at
limit $1

-- name: list_unended_failures
-- No lock.
select id as "jobId", format('It goes on after %s runs that ended by our fault', faults) as sentence
from orca.jobs where state <> 'finished' and faults >= $2::integer
limit $1
