-- The schema that all migrations together make, for people. Made by: npm run write-schema -w database

create type orca.delivery_kind as enum ('status', 'result', 'image');
create type orca.delivery_state as enum ('pending', 'delivered', 'refused', 'given_up', 'dropped');
create type orca.event_kind as enum ('state', 'command');
create domain orca.faults as smallint CHECK (((VALUE >= 0) AND (VALUE <= 3)));
create type orca.job_location as enum ('Queue', 'HoldingPen', 'Worker');
create type orca.job_state as enum ('held', 'waiting', 'grading', 'finished');
create domain orca.message_id as text CHECK (((length(VALUE) >= 1) AND (length(VALUE) <= 128)));
create domain orca.ordinal as integer CHECK ((VALUE >= 1));
create type orca.outcome as enum ('graded', 'failed', 'cancelled');
create domain orca.sha256_bytes as bytea CHECK ((octet_length(VALUE) = 32));
create domain orca.tries as integer CHECK ((VALUE >= 0));

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

create table orca.audit_trail (
  id bigint generated always as identity not null,
  at timestamp with time zone default now() not null,
  actor text not null,
  key_id bigint,
  role text not null,
  action text not null,
  target text not null,
  request_id text,
  outcome text not null,
  constraint audit_trail_action_check CHECK ((action ~ '^[a-z][a-z_]{1,63}$'::text)),
  constraint audit_trail_actor_check CHECK (((length(actor) >= 1) AND (length(actor) <= 128))),
  constraint audit_trail_check CHECK (((role = 'operator'::text) = (request_id IS NULL))),
  constraint audit_trail_outcome_check CHECK ((length(outcome) <= 1024)),
  constraint audit_trail_role_check CHECK ((role = ANY (ARRAY['client'::text, 'staff'::text, 'admin'::text, 'operator'::text]))),
  constraint audit_trail_target_check CHECK ((length(target) <= 256)),
  constraint audit_trail_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_trail_of_target ON orca.audit_trail USING btree (target, id);

create table orca.deliveries (
  id bigint generated always as identity not null,
  kind orca.delivery_kind not null,
  job_id bigint,
  generation integer,
  location orca.job_location,
  image_sha text,
  url text,
  body text,
  client text not null,
  webhook_id orca.message_id default orca.new_message_id() not null,
  state orca.delivery_state default 'pending'::orca.delivery_state not null,
  attempts orca.tries default 0 not null,
  had_unclear_attempt boolean default false not null,
  due_at timestamp with time zone default now() not null,
  lease_token uuid,
  lease_server text,
  lease_expires_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  round orca.ordinal default 1 not null,
  constraint deliveries_check CHECK (((kind = 'image'::orca.delivery_kind) = (job_id IS NULL))),
  constraint deliveries_check1 CHECK ((num_nonnulls(job_id, image_sha, url, body) =
CASE kind
    WHEN 'image'::orca.delivery_kind THEN 3
    ELSE 1
END)),
  constraint deliveries_check2 CHECK (((kind = 'status'::orca.delivery_kind) = (location IS NOT NULL))),
  constraint deliveries_check3 CHECK (((kind = 'result'::orca.delivery_kind) = (generation IS NOT NULL))),
  constraint deliveries_check4 CHECK (((state = 'pending'::orca.delivery_state) = (ended_at IS NULL))),
  constraint deliveries_check5 CHECK ((num_nonnulls(lease_token, lease_server, lease_expires_at) =
CASE
    WHEN ((lease_token IS NULL) OR (state <> 'pending'::orca.delivery_state)) THEN 0
    ELSE 3
END)),
  constraint deliveries_image_sha_fkey FOREIGN KEY (image_sha) REFERENCES orca.images(sha),
  constraint deliveries_job_id_fkey FOREIGN KEY (job_id) REFERENCES orca.jobs(id) ON DELETE CASCADE,
  constraint deliveries_job_id_generation_fkey FOREIGN KEY (job_id, generation) REFERENCES orca.results(job_id, generation),
  constraint deliveries_pkey PRIMARY KEY (id),
  constraint deliveries_webhook_id_key UNIQUE (webhook_id)
) with (autovacuum_vacuum_threshold=1000, autovacuum_vacuum_scale_factor=0.01, vacuum_index_cleanup=on);
CREATE INDEX deliveries_due ON orca.deliveries USING btree (due_at, id) WHERE ((state = 'pending'::orca.delivery_state) AND (lease_token IS NULL));
CREATE INDEX deliveries_leased ON orca.deliveries USING btree (lease_expires_at) WHERE (lease_token IS NOT NULL);
CREATE INDEX deliveries_listed ON orca.deliveries USING btree (client, state, id);
CREATE INDEX deliveries_of_any_job ON orca.deliveries USING btree (job_id, id);
CREATE INDEX deliveries_of_client ON orca.deliveries USING btree (client, due_at, id) WHERE (state = 'pending'::orca.delivery_state);
CREATE INDEX deliveries_of_image ON orca.deliveries USING btree (image_sha, id) WHERE (kind = 'image'::orca.delivery_kind);
CREATE INDEX deliveries_of_images_ended ON orca.deliveries USING btree (ended_at) WHERE ((kind = 'image'::orca.delivery_kind) AND (ended_at IS NOT NULL));
CREATE UNIQUE INDEX deliveries_of_result ON orca.deliveries USING btree (job_id, generation) WHERE (kind = 'result'::orca.delivery_kind);

create table orca.delivery_attempts (
  delivery_id bigint not null,
  attempt integer not null,
  ended_at timestamp with time zone default now() not null,
  outcome text not null,
  status_code integer,
  duration_ms integer not null,
  answer_start text not null,
  error text,
  round integer default 1 not null,
  constraint delivery_attempts_answer_start_check CHECK ((octet_length(answer_start) <= 4096)),
  constraint delivery_attempts_attempt_check CHECK ((attempt >= 1)),
  constraint delivery_attempts_duration_ms_check CHECK ((duration_ms >= 0)),
  constraint delivery_attempts_outcome_check CHECK ((outcome = ANY (ARRAY['delivered'::text, 'refused'::text, 'given_up'::text, 'retry'::text]))),
  constraint delivery_attempts_round_check CHECK ((round >= 1)),
  constraint delivery_attempts_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES orca.deliveries(id) ON DELETE CASCADE,
  constraint delivery_attempts_pkey PRIMARY KEY (delivery_id, round, attempt)
);

create table orca.image_build_log (
  build_id bigint not null,
  piece bigint generated always as identity not null,
  step text not null,
  output text not null,
  constraint image_build_log_build_id_fkey FOREIGN KEY (build_id) REFERENCES orca.image_builds(id) ON DELETE CASCADE,
  constraint image_build_log_pkey PRIMARY KEY (build_id, piece)
);

create table orca.image_builds (
  id bigint generated always as identity not null,
  sha text not null,
  number integer not null,
  builder text not null,
  started_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  outcome text,
  reason text,
  step text,
  log_bytes bigint default 0 not null,
  build_ms integer,
  check_ms integer,
  save_ms integer,
  image_bytes bigint,
  archive_bytes bigint,
  constraint image_builds_archive_bytes_check CHECK ((archive_bytes >= 0)),
  constraint image_builds_build_ms_check CHECK ((build_ms >= 0)),
  constraint image_builds_check CHECK (((outcome IS NULL) = (ended_at IS NULL))),
  constraint image_builds_check1 CHECK (((outcome IS DISTINCT FROM 'ready'::text) OR (reason IS NULL))),
  constraint image_builds_check_ms_check CHECK ((check_ms >= 0)),
  constraint image_builds_image_bytes_check CHECK ((image_bytes >= 0)),
  constraint image_builds_log_bytes_check CHECK ((log_bytes >= 0)),
  constraint image_builds_number_check CHECK ((number >= 1)),
  constraint image_builds_outcome_check CHECK ((outcome = ANY (ARRAY['ready'::text, 'failed'::text, 'returned'::text, 'lost'::text]))),
  constraint image_builds_save_ms_check CHECK ((save_ms >= 0)),
  constraint image_builds_sha_fkey FOREIGN KEY (sha) REFERENCES orca.images(sha),
  constraint image_builds_pkey PRIMARY KEY (id),
  constraint image_builds_sha_number_key UNIQUE (sha, number)
);
CREATE INDEX image_builds_ended ON orca.image_builds USING btree (ended_at);
CREATE UNIQUE INDEX image_builds_under_way ON orca.image_builds USING btree (sha) WHERE (ended_at IS NULL);

create table orca.image_requests (
  sha text not null,
  identity bytea not null,
  asked_by text not null,
  response_url text,
  client text,
  requests integer default 1 not null,
  is_owed boolean not null,
  requested_at timestamp with time zone default now() not null,
  constraint image_requests_check CHECK (((response_url IS NULL) = (client IS NULL))),
  constraint image_requests_check1 CHECK (((response_url IS NOT NULL) OR (NOT is_owed))),
  constraint image_requests_identity_check CHECK ((octet_length(identity) = 32)),
  constraint image_requests_requests_check CHECK ((requests >= 1)),
  constraint image_requests_sha_fkey FOREIGN KEY (sha) REFERENCES orca.images(sha),
  constraint image_requests_pkey PRIMARY KEY (sha, identity)
);
CREATE INDEX image_requests_owed ON orca.image_requests USING btree (sha) WHERE is_owed;

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
  layers text[],
  image_bytes bigint,
  failure text,
  faults smallint default 0 not null,
  build_after timestamp with time zone,
  pruned_at timestamp with time zone,
  constraint images_archive_bytes_check CHECK ((archive_bytes >= 0)),
  constraint images_archive_sha256_check CHECK ((octet_length(archive_sha256) = 32)),
  constraint images_builds_check CHECK ((builds >= 0)),
  constraint images_check CHECK (((state = 'ready'::text) <= (ready_at IS NOT NULL))),
  constraint images_check1 CHECK (((state = 'building'::text) = (lease_token IS NOT NULL))),
  constraint images_check2 CHECK (((lease_token IS NULL) = (lease_builder IS NULL))),
  constraint images_check3 CHECK (((lease_token IS NULL) = (lease_expires_at IS NULL))),
  constraint images_check4 CHECK (((state = 'failed'::text) = (failure IS NOT NULL))),
  constraint images_check5 CHECK (((state = 'pruned'::text) = (pruned_at IS NOT NULL))),
  constraint images_check6 CHECK (((build_after IS NULL) OR (state = 'queued'::text))),
  constraint images_check7 CHECK (((archive_sha256 IS NULL) = (archive_bytes IS NULL))),
  constraint images_check8 CHECK (((archive_sha256 IS NULL) OR ((image_id IS NOT NULL) AND (layers IS NOT NULL) AND (image_bytes IS NOT NULL)))),
  constraint images_faults_check CHECK ((faults >= 0)),
  constraint images_image_bytes_check CHECK ((image_bytes >= 0)),
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

create table orca.job_events (
  id bigint default 
CASE
    WHEN (current_setting('orca.events_marked'::text, true) = 'yes'::text) THEN nextval('orca.job_events_id_seq'::regclass)
    WHEN (pg_advisory_xact_lock_shared(('4611686018427387904'::bigint + COALESCE(pg_sequence_last_value('orca.job_events_id_seq'::regclass), (0)::bigint))) IS NULL) THEN NULL::bigint
    WHEN (set_config('orca.events_marked'::text, 'yes'::text, true) IS NULL) THEN NULL::bigint
    ELSE nextval('orca.job_events_id_seq'::regclass)
END not null,
  job_id bigint not null,
  generation integer not null,
  client text not null,
  kind orca.event_kind not null,
  at timestamp with time zone default clock_timestamp() not null,
  facts json,
  state orca.job_state,
  outcome orca.outcome,
  worker_id text,
  faults orca.faults,
  last_fault text,
  constraint job_events_pkey PRIMARY KEY (id)
);
CREATE INDEX job_events_of_job ON orca.job_events USING btree (job_id, id);

create table orca.jobs (
  id bigint generated always as identity not null,
  identity orca.sha256_bytes storage plain not null,
  client text storage main not null,
  response_url text storage main not null,
  submitter orca.sha256_bytes storage plain not null,
  state orca.job_state not null,
  generation orca.ordinal default 1 not null,
  content orca.sha256_bytes storage plain not null,
  config json not null,
  image_sha text storage main not null,
  arrived_at timestamp with time zone default now() not null,
  is_immediate boolean not null,
  is_named boolean not null,
  faults orca.faults default 0 not null,
  last_fault text storage main,
  claimed_at timestamp with time zone,
  release_at timestamp with time zone,
  lease_token uuid,
  lease_worker text storage main,
  lease_expires_at timestamp with time zone,
  container text storage main,
  outcome orca.outcome,
  finished_at timestamp with time zone,
  labels jsonb storage main default '{}'::jsonb not null,
  constraint jobs_check CHECK ((is_named OR (NOT is_immediate) OR (state > 'waiting'::orca.job_state))),
  constraint jobs_check1 CHECK ((num_nonnulls(lease_token, lease_worker, lease_expires_at, release_at) = (4 * ((state = 'grading'::orca.job_state))::integer))),
  constraint jobs_check2 CHECK ((num_nonnulls(outcome, finished_at) = (2 * ((state = 'finished'::orca.job_state))::integer))),
  constraint jobs_check5 CHECK (((container IS NULL) OR (lease_token IS NOT NULL))),
  constraint jobs_pkey PRIMARY KEY (id),
  constraint jobs_identity_key UNIQUE (identity)
) with (fillfactor=85, autovacuum_vacuum_threshold=1000, autovacuum_vacuum_scale_factor=0.01, vacuum_index_cleanup=on, toast_tuple_target=1024);
CREATE INDEX jobs_finished ON orca.jobs USING btree (finished_at) WHERE (state = 'finished'::orca.job_state);
CREATE INDEX jobs_held ON orca.jobs USING btree (image_sha) WHERE (state = 'held'::orca.job_state);
CREATE INDEX jobs_labels ON orca.jobs USING gin (labels jsonb_path_ops) WHERE (state = 'waiting'::orca.job_state);
CREATE INDEX jobs_leased ON orca.jobs USING btree (lease_expires_at) WHERE (state = 'grading'::orca.job_state);
CREATE INDEX jobs_newest ON orca.jobs USING btree (submitter, arrived_at DESC, id DESC) WHERE ((state = 'waiting'::orca.job_state) AND (NOT is_named));

create table orca.migrations (
  number integer not null,
  name text not null,
  applied_at timestamp with time zone default now() not null,
  constraint migrations_pkey PRIMARY KEY (number)
);

create table orca.reservations (
  id bigint generated always as identity not null,
  submitter orca.sha256_bytes not null,
  release_at timestamp with time zone not null,
  job_id bigint,
  held_job_id bigint,
  not_before timestamp with time zone,
  constraint reservations_check CHECK (((held_job_id IS NULL) OR (job_id IS NULL) OR (job_id = held_job_id))),
  constraint reservations_check1 CHECK (((not_before IS NULL) OR ((job_id IS NOT NULL) AND (held_job_id IS NULL)))),
  constraint reservations_held_job_id_fkey FOREIGN KEY (held_job_id) REFERENCES orca.jobs(id),
  constraint reservations_job_id_fkey FOREIGN KEY (job_id) REFERENCES orca.jobs(id),
  constraint reservations_pkey PRIMARY KEY (id)
) with (autovacuum_vacuum_threshold=1000, autovacuum_vacuum_scale_factor=0.005, vacuum_index_cleanup=on);
CREATE INDEX reservations_backing_off ON orca.reservations USING btree (not_before) WHERE (not_before IS NOT NULL);
CREATE UNIQUE INDEX reservations_held ON orca.reservations USING btree (held_job_id) WHERE (held_job_id IS NOT NULL);
CREATE INDEX reservations_in_line ON orca.reservations USING btree (release_at, id) WHERE ((held_job_id IS NULL) AND (not_before IS NULL));
CREATE UNIQUE INDEX reservations_naming ON orca.reservations USING btree (job_id) WHERE (job_id IS NOT NULL);
CREATE INDEX reservations_of_submitter ON orca.reservations USING btree (submitter, release_at, id) WHERE ((job_id IS NULL) AND (held_job_id IS NULL));

create table orca.results (
  job_id bigint not null,
  generation orca.ordinal not null,
  outcome orca.outcome not null,
  grading_id orca.message_id not null,
  body text not null,
  made_at timestamp with time zone default now() not null,
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
  troubles text[] default '{}'::text[] not null,
  constraint workers_check CHECK ((NOT (is_idle AND (retired_at IS NOT NULL)))),
  constraint workers_id_check CHECK (((length(id) >= 1) AND (length(id) <= 128))),
  constraint workers_slots_check CHECK (((slots >= 1) AND (slots <= 1024))),
  constraint workers_token_hash_check CHECK ((octet_length(token_hash) = 32)),
  constraint workers_pkey PRIMARY KEY (id)
);
CREATE INDEX workers_idle ON orca.workers USING btree (beat_at) WHERE is_idle;

create view orca.shown_deliveries as
 SELECT d.id,
    d.kind,
    d.client,
    d.job_id,
    d.generation,
    d.location,
    d.image_sha,
    d.webhook_id,
    d.state,
    d.round,
    d.attempts,
    d.created_at,
    d.ended_at,
        CASE
            WHEN (d.state = 'pending'::orca.delivery_state) THEN d.due_at
            ELSE NULL::timestamp with time zone
        END AS next_try_at,
    COALESCE((d.lease_expires_at > now()), false) AS is_under_way,
    last.status_code,
    last.error,
    last.ended_at AS tried_at
   FROM (orca.deliveries d
     LEFT JOIN LATERAL ( SELECT a.status_code,
            a.error,
            a.ended_at
           FROM orca.delivery_attempts a
          WHERE (a.delivery_id = d.id)
          ORDER BY a.round DESC, a.attempt DESC
         LIMIT 1) last ON (true));

create view orca.shown_events as
 SELECT id,
    job_id,
    generation,
    client,
    kind,
    at,
    COALESCE(facts, json_build_object('state', state, 'outcome', outcome, 'worker_id', worker_id, 'faults', faults, 'last_fault', last_fault)) AS facts
   FROM orca.job_events;

CREATE OR REPLACE FUNCTION orca.new_message_id()
 RETURNS text
 LANGUAGE sql
AS $function$ select 'msg_' || replace(gen_random_uuid()::text, '-', '') $function$
;

CREATE OR REPLACE FUNCTION orca.note_job_state()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.state = new.state and old.generation = new.generation and old.faults = new.faults then
    return null;
  end if;
  -- The claim of a waiting job and its result write their events themselves.
  if old.state = 'waiting' and new.state = 'grading'
    or old.state = 'grading' and new.state = 'finished' and new.outcome <> 'cancelled' then
    return null;
  end if;
  insert into orca.job_events (job_id, generation, client, kind, state, outcome, worker_id, faults, last_fault)
  values (new.id, new.generation, new.client, 'state', new.state, new.outcome, new.lease_worker, new.faults, new.last_fault);
  return null;
end
$function$
;

CREATE OR REPLACE FUNCTION orca.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the audit trail only grows';
end
$function$
;

CREATE TRIGGER audit_trail_only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON orca.audit_trail FOR EACH STATEMENT EXECUTE FUNCTION orca.refuse_change();

CREATE TRIGGER jobs_note_state AFTER UPDATE OF state, generation, faults ON orca.jobs FOR EACH ROW EXECUTE FUNCTION orca.note_job_state();
