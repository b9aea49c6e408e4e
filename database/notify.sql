-- name: notify_jobs
-- No lock; a worker says that it is idle before it looks for the last time, so none sleeps over a job.
select pg_notify('orca_jobs', '') from orca.workers
where is_idle and beat_at > now() - interval '60 seconds' limit 1

-- name: notify_deliveries
-- No lock.
select pg_notify('orca_deliveries', '')

-- name: notify_runs
-- No lock.
select pg_notify('orca_runs', $1::text)

-- name: notify_images
-- No lock.
select pg_notify('orca_images', '')
