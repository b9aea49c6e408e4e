-- How a place and a job find each other: a place serves the job that it names; of the places of a submitter that name none
-- the first serves its newest job, the second the newest but one, and so on. So the two are numbered alike and set side by
-- side, submitter by submitter: a join would be a loop in a loop where PostgreSQL expects few rows.

-- name: line_up_first
-- No lock: a list is old when it is read. The first places of the line, each with the job that it serves. Places that wait
-- out a fault are in line all the same.
with line as materialized (
  select id, submitter, job_id, release_at, not_before,
    row_number() over (partition by submitter, job_id is null order by release_at, id) as rank
  from (
    (select id, submitter, job_id, release_at, not_before from orca.reservations
     where held_job_id is null and not_before is null order by release_at, id limit $1::bigint + $2::bigint)
    union all
    (select id, submitter, job_id, release_at, not_before from orca.reservations
     where not_before is not null order by release_at, id limit $1::bigint + $2::bigint)
    order by release_at, id
    limit $1::bigint + $2::bigint
  ) as first
), page as materialized (
  select * from line order by release_at, id offset $1 limit $2
), own as (
  select submitter, min(rank) as low, count(*) as places,
    array_agg(id order by rank) as ids, array_agg(release_at order by rank) as times
  from page where job_id is null group by submitter
), served as (
  select pair.job_id, pair.place_id, pair.release_at, null::timestamptz as not_before
  from own cross join lateral (
    select array_agg(id order by arrived_at desc, id desc) as ids
    from (
      select id, arrived_at from orca.jobs
      where submitter = own.submitter and state = 'waiting' and not is_named
      order by arrived_at desc, id desc
      offset own.low - 1 limit own.places
    ) as few
  ) as newest
  cross join lateral unnest(newest.ids, own.ids, own.times) as pair (job_id, place_id, release_at)
  where pair.job_id is not null
  union all
  select job_id, id, release_at, not_before from page where job_id is not null
)
select job_id as "jobId", greatest(release_at, not_before) as "releaseAt"
from served order by served.release_at, place_id

-- name: line_up_first_labelled
-- No lock. As line_up_first, of the first $3 places those whose jobs have one of the labels.
with line as materialized (
  select id, submitter, job_id, release_at, not_before
  from (
    (select id, submitter, job_id, release_at, not_before from orca.reservations
     where held_job_id is null and not_before is null order by release_at, id limit $3)
    union all
    (select id, submitter, job_id, release_at, not_before from orca.reservations
     where not_before is not null order by release_at, id limit $3)
    order by release_at, id
    limit $3
  ) as first
), own as (
  select submitter, count(*) as places,
    array_agg(id order by release_at, id) as ids, array_agg(release_at order by release_at, id) as times
  from line where job_id is null group by submitter
), served as (
  select pair.job_id, pair.place_id, pair.release_at, null::timestamptz as not_before
  from own cross join lateral (
    select array_agg(id order by arrived_at desc, id desc) as ids,
      array_agg(is_wanted order by arrived_at desc, id desc) as wanted
    from (
      select id, arrived_at, labels @> any ($4::jsonb[]) as is_wanted from orca.jobs
      where submitter = own.submitter and state = 'waiting' and not is_named
      order by arrived_at desc, id desc
      limit own.places
    ) as few
  ) as newest
  cross join lateral unnest(newest.ids, newest.wanted, own.ids, own.times)
    as pair (job_id, is_wanted, place_id, release_at)
  where pair.is_wanted
  union all
  select job.id, line.id, line.release_at, line.not_before
  from line cross join lateral (
    select id from orca.jobs where id = line.job_id and labels @> any ($4::jsonb[]) offset 0
  ) as job
  where line.job_id is not null
)
select job_id as "jobId", greatest(release_at, not_before) as "releaseAt"
from served order by served.release_at, place_id
offset $1 limit $2

-- name: line_up_labelled
-- No lock. At most $3 waiting jobs that have one of the labels, in the order of the places that serve them. Of one
-- submitter $4 jobs and places are looked at; a job behind them has no known place, and comes last. The labels come by a
-- subquery, so that the plan is made without them: for common ones it would read the table from its beginning, where the
-- finished jobs are.
with labelled as materialized (
  select id, submitter, is_named from orca.jobs
  where state = 'waiting' and labels @> any ((select $5::jsonb[])::jsonb[])
  limit $3
), own as (
  select distinct submitter from labelled where not is_named
), served as (
  select pair.job_id, pair.place_id, pair.release_at, null::timestamptz as not_before
  from own cross join lateral (
    select array_agg(id order by arrived_at desc, id desc) as ids,
      array_agg(is_wanted order by arrived_at desc, id desc) as wanted
    from (
      select id, arrived_at, labels @> any ($5::jsonb[]) as is_wanted from orca.jobs
      where submitter = own.submitter and state = 'waiting' and not is_named
      order by arrived_at desc, id desc
      limit $4
    ) as few
  ) as newest
  cross join lateral (
    select array_agg(id order by release_at, id) as ids, array_agg(release_at order by release_at, id) as times
    from (
      select id, release_at from orca.reservations
      where submitter = own.submitter and job_id is null and held_job_id is null
      order by release_at, id
      limit $4
    ) as few
  ) as earliest
  cross join lateral unnest(newest.ids, newest.wanted, earliest.ids, earliest.times)
    as pair (job_id, is_wanted, place_id, release_at)
  where pair.is_wanted
  union all
  select labelled.id, place.id, place.release_at, place.not_before
  from labelled cross join lateral (
    select id, release_at, not_before from orca.reservations where job_id = labelled.id offset 0
  ) as place
  where labelled.is_named
)
select job_id as "jobId", greatest(release_at, not_before) as "releaseAt"
from served order by served.release_at, place_id, job_id
offset $1 limit $2

-- name: line_up_sample
-- No lock. The places on some pages of the table, always the same ones, each with a job of its submitter's: what the whole
-- line is like, for a price that does not grow with it.
with place as materialized (
  select id, submitter, job_id, release_at, not_before
  from orca.reservations tablesample system ($1::real) repeatable (1)
  where held_job_id is null
  limit $2
), own as (
  select submitter, count(*) as places,
    array_agg(id order by release_at, id) as ids, array_agg(release_at order by release_at, id) as times
  from place where job_id is null group by submitter
)
select pair.job_id as "jobId", pair.release_at as "releaseAt"
from own cross join lateral (
  select array_agg(id order by arrived_at desc, id desc) as ids
  from (
    select id, arrived_at from orca.jobs
    where submitter = own.submitter and state = 'waiting' and not is_named
    order by arrived_at desc, id desc
    limit own.places
  ) as few
) as newest
cross join lateral unnest(newest.ids, own.ids, own.times) as pair (job_id, place_id, release_at)
where pair.job_id is not null
union all
select job_id, greatest(release_at, not_before) from place where job_id is not null

-- name: measure_line
-- No lock. How many pages the places fill, dead ones included.
select greatest(1, pg_relation_size('orca.reservations') / current_setting('block_size')::bigint)::float8 as pages

-- name: count_line_sample
-- No lock. How many places some pages of the table hold, always the same ones.
select count(*) as places from orca.reservations tablesample system ($1::real) repeatable (1)
where held_job_id is null
