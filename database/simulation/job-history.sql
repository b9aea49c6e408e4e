-- name: list_job_history
-- No lock. What came in the last so many seconds and was graded, in the order of arrival. What came then ended then: the second
-- bound is for the index of ends.
--
-- The delay of a job that was put once is the priority of its config. Of a later generation it may not be: a regrade has no
-- delay, and an update of a job in line keeps the place of an earlier config, which is gone. Then the place that served it
-- tells: it was released as long before the claim as the result says. It may have been another place of the submitter: so what
-- came again after its end has at most the delay of its config. The result counts in whole milliseconds.
select encode(submitter, 'hex') as submitter,
  extract(epoch from arrived_at)::float8 as "atSeconds",
  extract(epoch from finished_at - claimed_at)::float8 as "gradingSeconds",
  greatest(0, case
    when is_immediate then 0
    when generation = 1 then asked
    when is_updated then coalesce(served, asked)
    else least(served, asked)
  end) as "delaySeconds",
  is_immediate as "isImmediate"
from orca.jobs j cross join lateral (
  select
    (j.config ->> 'priority')::float8 as asked,
    exists (
      select from orca.job_events e
      where e.job_id = j.id and e.kind = 'state' and e.state in ('held', 'waiting')
        and e.generation < j.generation and e.at >= j.arrived_at
    ) as is_updated,
    (
      select round(extract(epoch from j.claimed_at - j.arrived_at)::numeric - substring(
        substr(r.body, strpos(r.body, '"timings":{'), $2::integer) from '"queued_ms":([0-9.]+)')::numeric / 1000, 2)::float8
      from orca.results r
      where r.job_id = j.id and r.generation = j.generation and strpos(r.body, '"timings":{') > 0
    ) as served
) as delay
where state = 'finished' and outcome <> 'cancelled' and claimed_at is not null
  and arrived_at > now() - make_interval(secs => $1::float8)
  and finished_at > now() - make_interval(secs => $1::float8)
order by arrived_at, id
