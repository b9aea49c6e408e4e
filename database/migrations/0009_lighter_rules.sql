-- The rules of 0001, for the tables that every run writes to. PostgreSQL reads each check constraint from its text in each
-- statement that writes a row, whatever it changes; a type's rule is read once a connection, and asked for what is written.
-- See docs/adr/0019-rules-in-types.md.

create type orca.job_state as enum ('held', 'waiting', 'grading', 'finished'); -- in this order: rules compare by it
create type orca.outcome as enum ('graded', 'failed', 'cancelled');
create type orca.delivery_kind as enum ('status', 'result', 'image');
create type orca.delivery_state as enum ('pending', 'delivered', 'refused', 'given_up', 'dropped');
create type orca.job_location as enum ('Queue', 'HoldingPen', 'Worker');
create type orca.event_kind as enum ('state', 'command');
create domain orca.sha256_bytes as bytea check (octet_length(value) = 32);
create domain orca.message_id as text check (length(value) between 1 and 128);
create domain orca.ordinal as integer check (value >= 1);
create domain orca.tries as integer check (value >= 0);
create domain orca.faults as smallint check (value between 0 and 3); -- runs that ended by our fault

-- What knows the columns by their old types.
drop view orca.shown_deliveries;
drop trigger jobs_note_state on orca.jobs;
drop index orca.jobs_newest, orca.jobs_leased, orca.jobs_held, orca.jobs_finished, orca.jobs_labels,
  orca.deliveries_of_result, orca.deliveries_of_client, orca.deliveries_due, orca.deliveries_of_images_ended;
alter table orca.deliveries alter column state drop default;

alter table orca.jobs
  drop constraint jobs_identity_check, drop constraint jobs_submitter_check, drop constraint jobs_content_check,
  drop constraint jobs_state_check, drop constraint jobs_outcome_check,
  drop constraint jobs_generation_check, drop constraint jobs_faults_check,
  drop constraint jobs_check, drop constraint jobs_check1, drop constraint jobs_check2, drop constraint jobs_check3,
  drop constraint jobs_check4, drop constraint jobs_check6, drop constraint jobs_check7,
  alter column identity type orca.sha256_bytes,
  alter column submitter type orca.sha256_bytes,
  alter column content type orca.sha256_bytes,
  alter column state type orca.job_state using state::orca.job_state,
  alter column outcome type orca.outcome using outcome::orca.outcome,
  alter column generation type orca.ordinal,
  alter column faults type orca.faults;
alter table orca.jobs
  add check (is_named or not is_immediate or state > 'waiting'),
  add check (num_nonnulls(lease_token, lease_worker, lease_expires_at, release_at) = 4 * (state = 'grading')::integer),
  add check (num_nonnulls(outcome, finished_at) = 2 * (state = 'finished')::integer);
create index jobs_newest on orca.jobs (submitter, arrived_at desc, id desc) where state = 'waiting' and not is_named;
create index jobs_leased on orca.jobs (lease_expires_at) where state = 'grading';
create index jobs_held on orca.jobs (image_sha) where state = 'held';
create index jobs_finished on orca.jobs (finished_at) where state = 'finished';
create index jobs_labels on orca.jobs using gin (labels jsonb_path_ops) where state = 'waiting';
create trigger jobs_note_state after update on orca.jobs
  for each row
  when (old.state <> new.state or old.generation <> new.generation or old.faults <> new.faults)
  execute function orca.note_job_state();

alter table orca.reservations
  drop constraint reservations_submitter_check,
  alter column submitter type orca.sha256_bytes;

alter table orca.results
  drop constraint results_generation_check, drop constraint results_outcome_check, drop constraint results_grading_id_check,
  alter column generation type orca.ordinal,
  alter column outcome type orca.outcome using outcome::orca.outcome,
  alter column grading_id type orca.message_id;

alter table orca.deliveries
  drop constraint deliveries_kind_check, drop constraint deliveries_location_check, drop constraint deliveries_state_check,
  drop constraint deliveries_attempts_check, drop constraint deliveries_round_check,
  drop constraint deliveries_webhook_id_check,
  drop constraint deliveries_check, drop constraint deliveries_check1, drop constraint deliveries_check2,
  drop constraint deliveries_check3, drop constraint deliveries_check4, drop constraint deliveries_check5,
  drop constraint deliveries_check6, drop constraint deliveries_check7, drop constraint deliveries_check8,
  alter column kind type orca.delivery_kind using kind::orca.delivery_kind,
  alter column location type orca.job_location using location::orca.job_location,
  alter column state type orca.delivery_state using state::orca.delivery_state,
  alter column attempts type orca.tries,
  alter column round type orca.ordinal,
  alter column webhook_id type orca.message_id;
alter table orca.deliveries
  alter column state set default 'pending',
  add check ((kind = 'image') = (job_id is null)),
  add check (num_nonnulls(job_id, image_sha, url, body) = case kind when 'image' then 3 else 1 end),
  add check ((kind = 'status') = (location is not null)),
  add check ((kind = 'result') = (generation is not null)),
  add check ((state = 'pending') = (ended_at is null)),
  add check (num_nonnulls(lease_token, lease_server, lease_expires_at)
    = case when lease_token is null or state <> 'pending' then 0 else 3 end);
create unique index deliveries_of_result on orca.deliveries (job_id, generation) where kind = 'result';
create index deliveries_of_client on orca.deliveries (client, due_at, id) where state = 'pending';
create index deliveries_due on orca.deliveries (due_at, id) where state = 'pending' and lease_token is null;
create index deliveries_of_images_ended on orca.deliveries (ended_at) where kind = 'image' and ended_at is not null;
create view orca.shown_deliveries as
select d.id, d.kind, d.client, d.job_id, d.generation, d.location, d.image_sha, d.webhook_id, d.state, d.round, d.attempts,
  d.created_at, d.ended_at, case when d.state = 'pending' then d.due_at end as next_try_at,
  coalesce(d.lease_expires_at > now(), false) as is_under_way, last.status_code, last.error, last.ended_at as tried_at
from orca.deliveries d left join lateral (
  select a.status_code, a.error, a.ended_at from orca.delivery_attempts a where a.delivery_id = d.id
  order by a.round desc, a.attempt desc limit 1
) as last on true;

alter table orca.job_events
  drop constraint job_events_kind_check,
  alter column kind type orca.event_kind using kind::orca.event_kind;

-- Without a statement of its own for the mark: expressions are evaluated at a third of what a query costs.
-- pg_sequence_last_value() is what the view pg_sequences reads.
create or replace function orca.mark_job_events() returns trigger language plpgsql as $$
declare
  marked text;
begin
  if coalesce(current_setting('orca.events_marked', true), '') = '' then
    marked := pg_advisory_xact_lock_shared(
      4611686018427387904 + coalesce(pg_sequence_last_value('orca.job_events_id_seq'), 0));
    marked := set_config('orca.events_marked', 'yes', true);
  end if;
  return null;
end
$$;
