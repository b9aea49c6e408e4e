-- Grader images from a posted Dockerfile to a saved archive: who asked, each build with its log, what was saved.

alter table orca.images
  add column layers text[], -- the digests of its layers, the lowest first: what tells images apart across engines
  add column image_bytes bigint check (image_bytes >= 0), -- in an engine; archive_bytes on the disk, compressed
  add column failure text, -- why the last build failed, in a sentence for the instructor
  add column faults smallint not null default 0 check (faults >= 0), -- builds that ended by our fault
  add column build_after timestamptz, -- back-off after such a fault
  add column pruned_at timestamptz,
  add check ((state = 'failed') = (failure is not null)),
  add check ((state = 'pruned') = (pruned_at is not null)),
  add check (build_after is null or state = 'queued'),
  add check ((archive_sha256 is null) = (archive_bytes is null)),
  add check (archive_sha256 is null or (image_id is not null and layers is not null and image_bytes is not null));

-- Who asked for an image, and who is still to be told how its build ends.
create table orca.image_requests (
  sha text not null references orca.images,
  identity bytea not null check (octet_length(identity) = 32), -- of who asked and where the answer goes
  asked_by text not null, -- the client, or the name of the key
  response_url text, -- null: nobody is POSTed to
  client text, -- hostname of response_url
  requests integer not null default 1 check (requests >= 1),
  is_owed boolean not null,
  requested_at timestamptz not null default now(),
  primary key (sha, identity),
  check ((response_url is null) = (client is null)),
  check (response_url is not null or not is_owed)
);
create index image_requests_owed on orca.image_requests (sha) where is_owed;

-- The whole story of each build.
create table orca.image_builds (
  id bigint generated always as identity primary key,
  sha text not null references orca.images,
  number integer not null check (number >= 1), -- counts the builds of its image
  builder text not null,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  outcome text check (outcome in ('ready', 'failed', 'returned', 'lost')),
  reason text, -- in a sentence, unless it is ready
  step text, -- where it is, or was last
  log_bytes bigint not null default 0 check (log_bytes >= 0), -- printed; the last MiB is kept
  build_ms integer check (build_ms >= 0),
  check_ms integer check (check_ms >= 0),
  save_ms integer check (save_ms >= 0),
  image_bytes bigint check (image_bytes >= 0),
  archive_bytes bigint check (archive_bytes >= 0),
  unique (sha, number),
  check ((outcome is null) = (ended_at is null)),
  check (outcome is distinct from 'ready' or reason is null)
);
create unique index image_builds_under_way on orca.image_builds (sha) where ended_at is null;
create index image_builds_ended on orca.image_builds (ended_at);

-- What builds print, piece by piece, as it comes.
create table orca.image_build_log (
  build_id bigint not null references orca.image_builds on delete cascade,
  piece bigint generated always as identity,
  step text not null,
  output text not null,
  primary key (build_id, piece)
);
