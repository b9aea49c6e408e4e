-- The queue and what hangs on it. What each state means stands in docs/job-lifecycle.md.
-- Long strings are unique by their SHA-256: a B-tree row has at most 2,704 bytes.
-- Workers, images and submitters are referred to without foreign keys where every claim or PUT would lock the one row
-- that all of them share; their rows are never deleted while a job names them.

create schema if not exists orca;

create table orca.migrations (
  number integer primary key,
  name text not null,
  applied_at timestamptz not null default now()
);

-- One Orca: marks its containers, so that two of them can share an engine.
create table orca.installation (
  is_only_row boolean primary key default true check (is_only_row),
  id uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now()
);
insert into orca.installation default values;

-- A grader image is known by its Dockerfile, which is kept for good: one that was pruned is built again.
create table orca.images (
  sha text primary key check (sha ~ '^[0-9a-f]{64}$'),
  dockerfile text not null,
  state text not null check (state in ('queued', 'building', 'ready', 'failed', 'pruned')),
  image_id text,
  archive_bytes bigint check (archive_bytes >= 0),
  archive_sha256 bytea check (octet_length(archive_sha256) = 32),
  builds integer not null default 0 check (builds >= 0),
  lease_token uuid,
  lease_builder text,
  lease_expires_at timestamptz,
  requested_at timestamptz not null default now(),
  ready_at timestamptz,
  last_used_at timestamptz,
  check ((state = 'ready') <= (ready_at is not null)),
  check ((state = 'building') = (lease_token is not null)),
  check ((lease_token is null) = (lease_builder is null)),
  check ((lease_token is null) = (lease_expires_at is null))
);
create index images_to_build on orca.images (requested_at) where state in ('queued', 'building');

-- The base image itself is a grader image from the first day on.
insert into orca.images (sha, dockerfile, state, ready_at) values (
  'b114bc5f21f0f99513c4bbe94d851dc8a48bf1edc214edf58d1811c1cc04f28f', E'FROM orca-grader-base\n', 'ready', now()
);

-- A worker that runs, or ran. Only the hash of its token is kept.
create table orca.workers (
  id text primary key check (length(id) between 1 and 128),
  hostname text not null,
  token_hash bytea not null check (octet_length(token_hash) = 32),
  version text not null,
  slots integer not null check (slots between 1 and 1024),
  engine_id text not null,
  is_idle boolean not null default false,
  registered_at timestamptz not null default now(),
  beat_at timestamptz not null default now(),
  retired_at timestamptz,
  check (not (is_idle and retired_at is not null))
);
create index workers_idle on orca.workers (beat_at) where is_idle;

-- A job is one row for life; client, key and response_url identify it.
create table orca.jobs (
  id bigint generated always as identity primary key,
  identity bytea not null unique check (octet_length(identity) = 32),
  client text not null,
  response_url text not null,
  submitter bytea not null check (octet_length(submitter) = 32),
  state text not null check (state in ('held', 'waiting', 'grading', 'finished')),
  generation integer not null default 1 check (generation >= 1),
  content bytea not null check (octet_length(content) = 32),
  config json not null, -- not jsonb, which would reorder its fields and refuse half a surrogate pair
  image_sha text not null,
  arrived_at timestamptz not null default now(),
  is_immediate boolean not null,
  is_named boolean not null, -- its reservation names it
  faults smallint not null default 0 check (faults between 0 and 3), -- runs that ended by our fault
  last_fault text,
  claimed_at timestamptz,
  release_at timestamptz, -- its place, kept while it is graded
  lease_token uuid,
  lease_worker text,
  lease_expires_at timestamptz,
  container text,
  outcome text check (outcome in ('graded', 'failed', 'cancelled')),
  finished_at timestamptz,
  check (is_named or not (is_immediate and state in ('held', 'waiting'))),
  check ((state = 'grading') = (lease_token is not null)),
  check ((lease_token is null) = (lease_worker is null)),
  check ((lease_token is null) = (lease_expires_at is null)),
  check ((lease_token is null) = (release_at is null)),
  check (container is null or lease_token is not null),
  check ((state = 'finished') = (outcome is not null)),
  check ((outcome is null) = (finished_at is null))
)
with (toast_tuple_target = 256, fillfactor = 85); -- the config out of line: a job's row is written at each change of state
create index jobs_newest on orca.jobs (submitter, arrived_at desc, id desc) where state = 'waiting' and not is_named;
create index jobs_leased on orca.jobs (lease_expires_at) where state = 'grading';
create index jobs_held on orca.jobs (image_sha) where state = 'held';
create index jobs_finished on orca.jobs (finished_at) where state = 'finished';

-- A place in line. It serves its submitter's newest waiting job, or the one that it names.
create table orca.reservations (
  id bigint generated always as identity primary key,
  submitter bytea not null check (octet_length(submitter) = 32),
  release_at timestamptz not null,
  job_id bigint references orca.jobs, -- whom it names: immediate, or come back from a worker
  held_job_id bigint references orca.jobs, -- whom it waits with in the holding pen
  not_before timestamptz, -- back-off after a fault; the place stays
  check (held_job_id is null or job_id is null or job_id = held_job_id),
  check (not_before is null or (job_id is not null and held_job_id is null))
);
create index reservations_in_line on orca.reservations (release_at, id)
  where held_job_id is null and not_before is null;
create index reservations_backing_off on orca.reservations (not_before) where not_before is not null;
create index reservations_of_submitter on orca.reservations (submitter, release_at, id)
  where job_id is null and held_job_id is null;
create unique index reservations_naming on orca.reservations (job_id) where job_id is not null;
create unique index reservations_held on orca.reservations (held_job_id) where held_job_id is not null;

-- What a generation ended in. The primary key is what makes a second result impossible.
create table orca.results (
  job_id bigint not null references orca.jobs on delete cascade,
  generation integer not null check (generation >= 1),
  outcome text not null check (outcome in ('graded', 'failed', 'cancelled')),
  grading_id text not null unique check (length(grading_id) between 1 and 128),
  body text not null, -- the bytes of the POST, the same on every try
  made_at timestamptz not null default now(),
  primary key (job_id, generation)
);

-- What a client is owed. A result's body stands in its result, a status is made of the job.
create table orca.deliveries (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('status', 'result', 'image')),
  job_id bigint references orca.jobs on delete cascade,
  generation integer,
  location text check (location in ('Queue', 'HoldingPen', 'Worker')),
  image_sha text references orca.images,
  url text,
  body text,
  client text not null,
  webhook_id text not null unique
    default 'msg_' || replace(gen_random_uuid()::text, '-', '') check (length(webhook_id) between 1 and 128),
  state text not null default 'pending'
    check (state in ('pending', 'delivered', 'refused', 'given_up', 'dropped')),
  attempts integer not null default 0 check (attempts >= 0),
  had_unclear_attempt boolean not null default false,
  due_at timestamptz not null default now(),
  lease_token uuid,
  lease_server text,
  lease_expires_at timestamptz,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  foreign key (job_id, generation) references orca.results (job_id, generation),
  check ((kind = 'image') = (job_id is null)),
  check ((kind = 'image') = (image_sha is not null)),
  check ((kind = 'image') = (url is not null and body is not null)),
  check ((kind = 'status') = (location is not null)),
  check ((kind = 'result') = (generation is not null)),
  check ((state = 'pending') = (ended_at is null)),
  check (lease_token is null or state = 'pending'),
  check ((lease_token is null) = (lease_server is null)),
  check ((lease_token is null) = (lease_expires_at is null))
);
create unique index deliveries_of_result on orca.deliveries (job_id, generation) where kind = 'result';
create index deliveries_of_job on orca.deliveries (job_id, id) where state = 'pending';
create index deliveries_of_client on orca.deliveries (client, due_at, id) where state = 'pending';
create index deliveries_due on orca.deliveries (due_at, id) where state = 'pending' and lease_token is null;
create index deliveries_leased on orca.deliveries (lease_expires_at) where lease_token is not null;

-- Every try, for staff.
create table orca.delivery_attempts (
  delivery_id bigint not null references orca.deliveries on delete cascade,
  attempt integer not null check (attempt >= 1),
  ended_at timestamptz not null default now(),
  outcome text not null check (outcome in ('delivered', 'refused', 'given_up', 'retry')),
  status_code integer,
  duration_ms integer not null check (duration_ms >= 0),
  answer_start text not null check (octet_length(answer_start) <= 4096),
  error text,
  primary key (delivery_id, attempt)
);

-- Keys are known by their SHA-256 only.
create table orca.api_keys (
  id bigint generated always as identity primary key,
  key_sha256 bytea not null unique check (octet_length(key_sha256) = 32),
  role text not null check (role in ('client', 'staff', 'admin')),
  hostnames text[] not null,
  note text not null default '',
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);

-- What a client's POSTs are signed with. Several while one is rotated out.
create table orca.signing_secrets (
  id bigint generated always as identity primary key,
  client text not null,
  secret text not null check (secret ~ '^whsec_'),
  created_at timestamptz not null default now(),
  expires_at timestamptz
);
create unique index signing_secrets_current on orca.signing_secrets (client) where expires_at is null;
