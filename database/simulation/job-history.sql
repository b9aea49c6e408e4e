-- name: list_job_history
-- No lock. What came in the last so many seconds and was graded, in the order of arrival.
select encode(submitter, 'hex') as submitter,
  extract(epoch from arrived_at)::float8 as "atSeconds",
  extract(epoch from finished_at - claimed_at)::float8 as "gradingSeconds",
  greatest(0, (config->>'priority')::float8) as "delaySeconds",
  is_immediate as "isImmediate"
from orca.jobs
where state = 'finished' and outcome <> 'cancelled' and claimed_at is not null
  and arrived_at > now() - make_interval(secs => $1::float8)
order by arrived_at, id
