-- name: fill_line
-- Takes no lock: the numbers are nobody else's. Jobs as a PUT stores them, three a submitter, many in one statement.
with job as (
  insert into orca.jobs
    (identity, client, response_url, submitter, state, content, config, image_sha, is_immediate, is_named, arrived_at,
    labels)
  select
    sha256(convert_to('identity ' || n, 'UTF8')), $3::text, $4, sha256(convert_to('submitter ' || n / 3, 'UTF8')), 'waiting',
    sha256(convert_to('content ' || n, 'UTF8')), replace($5::text, $6::text, n::text)::json, $7, false, false,
    clock_timestamp(),
    jsonb_build_object(
      'client', $3::text, 'collation', $5::json -> 'collation', 'metadata', $5::json -> 'metadata_table')
  from generate_series($1::bigint, $2::bigint) as n
  returning submitter, arrived_at, id
)
insert into orca.reservations (submitter, release_at) select submitter, arrived_at from job order by id

-- name: write_rows_of_run
-- Takes no lock: each job's rows are its own. What take_turn writes beside the job itself.
with kept as (
  insert into orca.results (job_id, generation, outcome, grading_id, body) values ($1, 1, 'graded', $2, $3)
), told as (
  insert into orca.deliveries (kind, job_id, location, client) values ('status', $1, 'Worker', $4)
)
insert into orca.deliveries (kind, job_id, generation, client, webhook_id) values ('result', $1, 1, $4, $2)
