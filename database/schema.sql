-- The schema that all migrations together make, for people. Made by: npm run write-schema -w database

create table orca.api_keys (
  id bigint generated always as identity not null,
  key_sha256 bytea not null,
  role text not null,
  hostnames text[] not null,
  note text default ''::text not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  constraint api_keys_key_sha256_check CHECK ((octet_length(key_sha256) = 32)),
  constraint api_keys_role_check CHECK ((role = ANY (ARRAY['client'::text, 'staff'::text, 'admin'::text]))),
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_key_sha256_key UNIQUE (key_sha256)
);

create table orca.deliveries (
  id bigint generated always as identity not null,
  kind text not null,
  job_id bigint,
  generation integer,
  location text,
  image_sha text,
  url text,
  body text,
  client text not null,
  webhook_id text default ('msg_'::text || replace((gen_random_uuid())::text, '-'::text, ''::text)) not null,
  state text default 'pending'::text not null,
  attempts integer default 0 not null,
  had_unclear_attempt boolean default false not null,
  due_at timestamp with time zone default now() not null,
  lease_token uuid,
  lease_server text,
  lease_expires_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  constraint deliveries_attempts_check CHECK ((attempts >= 0)),
  constraint deliveries_check CHECK (((kind = 'image'::text) = (job_id IS NULL))),
  constraint deliveries_check1 CHECK (((kind = 'image'::text) = (image_sha IS NOT NULL))),
  constraint deliveries_check2 CHECK (((kind = 'image'::text) = ((url IS NOT NULL) AND (body IS NOT NULL)))),
  constraint deliveries_check3 CHECK (((kind = 'status'::text) = (location IS NOT NULL))),
  constraint deliveries_check4 CHECK (((kind = 'result'::text) = (generation IS NOT NULL))),
  constraint deliveries_check5 CHECK (((state = 'pending'::text) = (ended_at IS NULL))),
  constraint deliveries_check6 CHECK (((lease_token IS NULL) OR (state = 'pending'::text))),
  constraint deliveries_check7 CHECK (((lease_token IS NULL) = (lease_server IS NULL))),
  constraint deliveries_check8 CHECK (((lease_token IS NULL) = (lease_expires_at IS NULL))),
  constraint deliveries_kind_check CHECK ((kind = ANY (ARRAY['status'::text, 'result'::text, 'image'::text]))),
  constraint deliveries_location_check CHECK ((location = ANY (ARRAY['Queue'::text, 'HoldingPen'::text, 'Worker'::text]))),
  constraint deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'refused'::text, 'given_up'::text, 'dropped'::text]))),
  constraint deliveries_webhook_id_check CHECK (((length(webhook_id) >= 1) AND (length(webhook_id) <= 128))),
  constraint deliveries_image_sha_fkey FOREIGN KEY (image_sha) REFERENCES orca.images(sha),
  constraint deliveries_job_id_fkey FOREIGN KEY (job_id) REFERENCES orca.jobs(id) ON DELETE CASCADE,
  constraint deliveries_job_id_generation_fkey FOREIGN KEY (job_id, generation) REFERENCES orca.results(job_id, generation),
  constraint deliveries_pkey PRIMARY KEY (id),
  constraint deliveries_webhook_id_key UNIQUE (webhook_id)
);
CREATE INDEX deliveries_due ON orca.deliveries USING btree (due_at, id) WHERE ((state = 'pending'::text) AND (lease_token IS NULL));
CREATE INDEX deliveries_leased ON orca.deliveries USING btree (lease_expires_at) WHERE (lease_token IS NOT NULL);
CREATE INDEX deliveries_of_client ON orca.deliveries USING btree (client, due_at, id) WHERE (state = 'pending'::text);
CREATE INDEX deliveries_of_job ON orca.deliveries USING btree (job_id, id) WHERE (state = 'pending'::text);
CREATE UNIQUE INDEX deliveries_of_result ON orca.deliveries USING btree (job_id, generation) WHERE (kind = 'result'::text);

create table orca.delivery_attempts (
  delivery_id bigint not null,
  attempt integer not null,
  ended_at timestamp with time zone default now() not null,
  outcome text not null,
  status_code integer,
  duration_ms integer not null,
  answer_start text not null,
  error text,
  constraint delivery_attempts_answer_start_check CHECK ((octet_length(answer_start) <= 4096)),
  constraint delivery_attempts_attempt_check CHECK ((attempt >= 1)),
  constraint delivery_attempts_duration_ms_check CHECK ((duration_ms >= 0)),
  constraint delivery_attempts_outcome_check CHECK ((outcome = ANY (ARRAY['delivered'::text, 'refused'::text, 'given_up'::text, 'retry'::text]))),
  constraint delivery_attempts_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES orca.deliveries(id) ON DELETE CASCADE,
  constraint delivery_attempts_pkey PRIMARY KEY (delivery_id, attempt)
);

create table orca.images (
  sha text not null,
  dockerfile text not null,
  state text not null,
  image_id text,
  archive_bytes bigint,
  archive_sha256 bytea,
  builds integer default 0 not null,
  lease_token uuid,
  lease_builder text,
  lease_expires_at timestamp with time zone,
  requested_at timestamp with time zone default now() not null,
  ready_at timestamp with time zone,
  last_used_at timestamp with time zone,
  constraint images_archive_bytes_check CHECK ((archive_bytes >= 0)),
  constraint images_archive_sha256_check CHECK ((octet_length(archive_sha256) = 32)),
  constraint images_builds_check CHECK ((builds >= 0)),
  constraint images_check CHECK (((state = 'ready'::text) <= (ready_at IS NOT NULL))),
  constraint images_check1 CHECK (((state = 'building'::text) = (lease_token IS NOT NULL))),
  constraint images_check2 CHECK (((lease_token IS NULL) = (lease_builder IS NULL))),
  constraint images_check3 CHECK (((lease_token IS NULL) = (lease_expires_at IS NULL))),
  constraint images_sha_check CHECK ((sha ~ '^[0-9a-f]{64}$'::text)),
  constraint images_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'building'::text, 'ready'::text, 'failed'::text, 'pruned'::text]))),
  constraint images_pkey PRIMARY KEY (sha)
);
CREATE INDEX images_to_build ON orca.images USING btree (requested_at) WHERE (state = ANY (ARRAY['queued'::text, 'building'::text]));

create table orca.installation (
  is_only_row boolean default true not null,
  id uuid default gen_random_uuid() not null,
  created_at timestamp with time zone default now() not null,
  constraint installation_is_only_row_check CHECK (is_only_row),
  constraint installation_pkey PRIMARY KEY (is_only_row)
);

create table orca.jobs (
  id bigint generated always as identity not null,
  identity bytea not null,
  client text not null,
  response_url text not null,
  submitter bytea not null,
  state text not null,
  generation integer default 1 not null,
  content bytea not null,
  config json not null,
  image_sha text not null,
  arrived_at timestamp with time zone default now() not null,
  is_immediate boolean not null,
  is_named boolean not null,
  faults smallint default 0 not null,
  last_fault text,
  claimed_at timestamp with time zone,
  release_at timestamp with time zone,
  lease_token uuid,
  lease_worker text,
  lease_expires_at timestamp with time zone,
  container text,
  outcome text,
  finished_at timestamp with time zone,
  constraint jobs_check CHECK ((is_named OR (NOT (is_immediate AND (state = ANY (ARRAY['held'::text, 'waiting'::text])))))),
  constraint jobs_check1 CHECK (((state = 'grading'::text) = (lease_token IS NOT NULL))),
  constraint jobs_check2 CHECK (((lease_token IS NULL) = (lease_worker IS NULL))),
  constraint jobs_check3 CHECK (((lease_token IS NULL) = (lease_expires_at IS NULL))),
  constraint jobs_check4 CHECK (((lease_token IS NULL) = (release_at IS NULL))),
  constraint jobs_check5 CHECK (((container IS NULL) OR (lease_token IS NOT NULL))),
  constraint jobs_check6 CHECK (((state = 'finished'::text) = (outcome IS NOT NULL))),
  constraint jobs_check7 CHECK (((outcome IS NULL) = (finished_at IS NULL))),
  constraint jobs_content_check CHECK ((octet_length(content) = 32)),
  constraint jobs_faults_check CHECK (((faults >= 0) AND (faults <= 3))),
  constraint jobs_generation_check CHECK ((generation >= 1)),
  constraint jobs_identity_check CHECK ((octet_length(identity) = 32)),
  constraint jobs_outcome_check CHECK ((outcome = ANY (ARRAY['graded'::text, 'failed'::text, 'cancelled'::text]))),
  constraint jobs_state_check CHECK ((state = ANY (ARRAY['held'::text, 'waiting'::text, 'grading'::text, 'finished'::text]))),
  constraint jobs_submitter_check CHECK ((octet_length(submitter) = 32)),
  constraint jobs_pkey PRIMARY KEY (id),
  constraint jobs_identity_key UNIQUE (identity)
) with (toast_tuple_target=256, fillfactor=85);
CREATE INDEX jobs_finished ON orca.jobs USING btree (finished_at) WHERE (state = 'finished'::text);
CREATE INDEX jobs_held ON orca.jobs USING btree (image_sha) WHERE (state = 'held'::text);
CREATE INDEX jobs_leased ON orca.jobs USING btree (lease_expires_at) WHERE (state = 'grading'::text);
CREATE INDEX jobs_newest ON orca.jobs USING btree (submitter, arrived_at DESC, id DESC) WHERE ((state = 'waiting'::text) AND (NOT is_named));

create table orca.migrations (
  number integer not null,
  name text not null,
  applied_at timestamp with time zone default now() not null,
  constraint migrations_pkey PRIMARY KEY (number)
);

create table orca.reservations (
  id bigint generated always as identity not null,
  submitter bytea not null,
  release_at timestamp with time zone not null,
  job_id bigint,
  held_job_id bigint,
  not_before timestamp with time zone,
  constraint reservations_check CHECK (((held_job_id IS NULL) OR (job_id IS NULL) OR (job_id = held_job_id))),
  constraint reservations_check1 CHECK (((not_before IS NULL) OR ((job_id IS NOT NULL) AND (held_job_id IS NULL)))),
  constraint reservations_submitter_check CHECK ((octet_length(submitter) = 32)),
  constraint reservations_held_job_id_fkey FOREIGN KEY (held_job_id) REFERENCES orca.jobs(id),
  constraint reservations_job_id_fkey FOREIGN KEY (job_id) REFERENCES orca.jobs(id),
  constraint reservations_pkey PRIMARY KEY (id)
);
CREATE INDEX reservations_backing_off ON orca.reservations USING btree (not_before) WHERE (not_before IS NOT NULL);
CREATE UNIQUE INDEX reservations_held ON orca.reservations USING btree (held_job_id) WHERE (held_job_id IS NOT NULL);
CREATE INDEX reservations_in_line ON orca.reservations USING btree (release_at, id) WHERE ((held_job_id IS NULL) AND (not_before IS NULL));
CREATE UNIQUE INDEX reservations_naming ON orca.reservations USING btree (job_id) WHERE (job_id IS NOT NULL);
CREATE INDEX reservations_of_submitter ON orca.reservations USING btree (submitter, release_at, id) WHERE ((job_id IS NULL) AND (held_job_id IS NULL));

create table orca.results (
  job_id bigint not null,
  generation integer not null,
  outcome text not null,
  grading_id text not null,
  body text not null,
  made_at timestamp with time zone default now() not null,
  constraint results_generation_check CHECK ((generation >= 1)),
  constraint results_grading_id_check CHECK (((length(grading_id) >= 1) AND (length(grading_id) <= 128))),
  constraint results_outcome_check CHECK ((outcome = ANY (ARRAY['graded'::text, 'failed'::text, 'cancelled'::text]))),
  constraint results_job_id_fkey FOREIGN KEY (job_id) REFERENCES orca.jobs(id) ON DELETE CASCADE,
  constraint results_pkey PRIMARY KEY (job_id, generation),
  constraint results_grading_id_key UNIQUE (grading_id)
);

create table orca.signing_secrets (
  id bigint generated always as identity not null,
  client text not null,
  secret text not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone,
  constraint signing_secrets_secret_check CHECK ((secret ~ '^whsec_'::text)),
  constraint signing_secrets_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX signing_secrets_current ON orca.signing_secrets USING btree (client) WHERE (expires_at IS NULL);

create table orca.workers (
  id text not null,
  hostname text not null,
  token_hash bytea not null,
  version text not null,
  slots integer not null,
  engine_id text not null,
  is_idle boolean default false not null,
  registered_at timestamp with time zone default now() not null,
  beat_at timestamp with time zone default now() not null,
  retired_at timestamp with time zone,
  constraint workers_check CHECK ((NOT (is_idle AND (retired_at IS NOT NULL)))),
  constraint workers_id_check CHECK (((length(id) >= 1) AND (length(id) <= 128))),
  constraint workers_slots_check CHECK (((slots >= 1) AND (slots <= 1024))),
  constraint workers_token_hash_check CHECK ((octet_length(token_hash) = 32)),
  constraint workers_pkey PRIMARY KEY (id)
);
CREATE INDEX workers_idle ON orca.workers USING btree (beat_at) WHERE is_idle;
