-- name: fill_jobs
-- No lock: the database is the test's own. $1 jobs of $2 submitters, as a long night leaves them: one in fifty
-- is immediate, one in five is not released yet, one in ten thousand has a rare field, one in five hundred another client.
insert into orca.jobs
  (identity, client, response_url, submitter, state, content, config, image_sha, arrived_at, is_immediate, is_named, labels)
select sha256(convert_to('job ' || n, 'UTF8')), client, 'https://' || client || '/grades/' || n || '?secret=s3cret',
  sha256(convert_to(format('["%s","user","%s"]', client, user_id), 'UTF8')), 'waiting', sha256(convert_to('content ' || n, 'UTF8')),
  json_build_object('key', 'secret of ' || n, 'metadata_table', metadata, 'priority', delay), image.sha,
  now() - make_interval(secs => ($1::integer - n) * 0.01 + 10), n % 50 = 0, n % 50 = 0,
  jsonb_build_object('client', client, 'collation', json_build_object('type', 'user', 'id', user_id), 'metadata', metadata)
from generate_series(1, $1::integer) as n
cross join lateral (
  select case when n % 500 = 7 then 'other.example.edu' else 'course.example.edu' end as client,
    'u' || (n::bigint * 7919 % $2::integer) as user_id,
    case when n % 50 = 0 or n % 5 > 0 then 0 else 36000 end as delay
) as who
cross join lateral (
  select jsonb_build_object('course', 'CS ' || n % 7 % 5, 'assignment', 'hw' || n % 40, 'student', who.user_id)
    || case when n % 10000 = 3 then '{"rare": "yes"}'::jsonb else '{}' end as metadata
) as what
cross join (select sha from orca.images limit 1) as image

-- name: fill_places
-- No lock: the database is the test's own. A place for each waiting job.
insert into orca.reservations (submitter, release_at, job_id)
select submitter, arrived_at + make_interval(secs => (config ->> 'priority')::float8), case when is_named then id end
from orca.jobs where state = 'waiting' order by id

-- name: fill_finished
-- No lock: the database is the test's own. $1 jobs that were graded, the last of them now, in $2 seconds each.
insert into orca.jobs
  (identity, client, response_url, submitter, state, content, config, image_sha, arrived_at, is_immediate, is_named,
   labels, claimed_at, outcome, finished_at)
select sha256(convert_to('finished ' || n, 'UTF8')), 'course.example.edu', 'https://course.example.edu/grades/' || n,
  sha256(convert_to('u' || n, 'UTF8')), 'finished', sha256(convert_to('content ' || n, 'UTF8')), '{}', image.sha,
  ended_at - interval '1 minute', false, false, '{}', ended_at - make_interval(secs => $2), 'graded', ended_at
from generate_series(1, $1::integer) as n
cross join lateral (select now() - make_interval(secs => ($1::integer - n) * 0.1) as ended_at) as time
cross join (select sha from orca.images limit 1) as image
