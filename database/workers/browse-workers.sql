-- name: list_workers
-- No lock. Those that work, and those that ended without a word not long ago.
select id as "workerId", hostname, version, slots, engine_id as "engineId", is_idle as "isIdle",
  troubles, registered_at as "registeredAt", beat_at as "beatAt", beat_at > now() - $1::interval as "isAlive"
from orca.workers
where retired_at is null and beat_at > now() - make_interval(secs => $2::float8)
order by hostname, id
limit $3

-- name: list_runs
-- No lock. By the index of leases, which has only what is being graded.
select id as "jobId", generation, client, lease_worker as "workerId", claimed_at as "claimedAt", container, faults,
  extract(epoch from now() - claimed_at)::float8 as seconds
from orca.jobs where state = 'grading'
order by lease_worker, claimed_at, id
limit $1
