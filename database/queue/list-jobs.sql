-- name: list_waiting_jobs
-- No lock. Those of the ids that wait still, in the order of the ids.
select j.id as "jobId", j.client, j.labels -> 'collation' as collation, j.config -> 'metadata_table' as metadata,
  (j.config ->> 'priority')::float8 as priority, j.generation, j.is_immediate as "isImmediate",
  j.image_sha as "imageSha", j.faults, j.arrived_at as "arrivedAt", wanted.release_at as "releaseAt",
  wanted.release_at <= now() as "isReleased"
from unnest($1::bigint[], $2::timestamptz[]) with ordinality as wanted (id, release_at, number)
cross join lateral (select * from orca.jobs where id = wanted.id and state = 'waiting' offset 0) as j
order by wanted.number

-- name: summarise_waiting_jobs
-- No lock. How long those of the ids that wait have waited, since their arrival and since their release, and the metadata
-- fields in use with their commonest values. Lateral: one look by id for each, never a walk through all jobs.
with job as materialized (
  select j.labels -> 'metadata' as metadata,
    greatest(0, extract(epoch from now() - j.arrived_at) * 1000)::float8 as waited_ms,
    (extract(epoch from now() - wanted.release_at) * 1000)::float8 as released_ms
  from unnest($1::bigint[], $2::timestamptz[]) as wanted (id, release_at)
  cross join lateral (
    select labels, arrived_at from orca.jobs
    where id = wanted.id and state = 'waiting' and ($5::jsonb[] is null or labels @> any ($5)) offset 0
  ) as j
), use as (
  select field, value, count(*) as uses,
    row_number() over (partition by field order by count(*) desc, value) as rank,
    sum(count(*)) over (partition by field) as field_uses
  from job cross join lateral jsonb_each_text(job.metadata) as entry (field, value)
  group by field, value
), field as (
  select field, json_agg(value order by rank) as values from use
  where rank <= $4
  group by field, field_uses
  order by field_uses desc, field
  limit $3
)
select count(*) as jobs,
  avg(waited_ms) as "waitedAvg", min(waited_ms) as "waitedMin", max(waited_ms) as "waitedMax",
  count(*) filter (where released_ms >= 0) as released,
  avg(released_ms) filter (where released_ms >= 0) as "releasedAvg",
  min(released_ms) filter (where released_ms >= 0) as "releasedMin",
  max(released_ms) filter (where released_ms >= 0) as "releasedMax",
  (select coalesce(json_agg(json_build_array(field, values) order by field), '[]') from field) as fields
from job
