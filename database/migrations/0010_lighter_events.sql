-- What a queue does most costs least: a new job, a claim and a result write their events in their own statements. Every other
-- change of state is still noted by the trigger, so that no statement forgets one.
-- See docs/adr/0020-finish-and-claim-in-one-transaction.md and docs/adr/0011-events-are-read-below-a-mark.md.

drop trigger jobs_note_new on orca.jobs;
drop trigger jobs_note_state on orca.jobs;
drop trigger job_events_mark on orca.job_events;
drop function orca.mark_job_events();

-- Columns in place of a JSON that each event of a state would have to be made into. Older events keep theirs.
alter table orca.job_events
  alter column facts drop not null,
  add column state orca.job_state,
  add column outcome orca.outcome,
  add column worker_id text,
  add column faults orca.faults,
  add column last_fault text;

-- The number of an event marks its transaction before it is given out, whoever inserts it: see 0007 for why, and 0009 for how.
do $$
declare
  used bigint := nextval('orca.job_events_id_seq');
begin
  alter table orca.job_events alter column id drop identity;
  execute format('create sequence orca.job_events_id_seq owned by orca.job_events.id start with %s', used + 1);
  perform nextval('orca.job_events_id_seq');
end
$$;
alter table orca.job_events alter column id set default
  case
    when current_setting('orca.events_marked', true) = 'yes' then nextval('orca.job_events_id_seq')
    when pg_advisory_xact_lock_shared(
      4611686018427387904 + coalesce(pg_sequence_last_value('orca.job_events_id_seq'), 0)) is null then null
    when set_config('orca.events_marked', 'yes', true) is null then null
    else nextval('orca.job_events_id_seq')
  end;

create or replace function orca.note_job_state() returns trigger language plpgsql as $$
begin
  insert into orca.job_events (job_id, generation, client, kind, state, outcome, worker_id, faults, last_fault)
  values (new.id, new.generation, new.client, 'state', new.state, new.outcome, new.lease_worker, new.faults, new.last_fault);
  return null;
end
$$;
-- All but the claim of a waiting job and its result. Renewed leases and named containers are no change of state.
create trigger jobs_note_state after update on orca.jobs
  for each row
  when ((old.state <> new.state or old.generation <> new.generation or old.faults <> new.faults)
    and not (old.state = 'waiting' and new.state = 'grading')
    and not (old.state = 'grading' and new.state = 'finished' and new.outcome <> 'cancelled'))
  execute function orca.note_job_state();

create view orca.shown_events as
select id, job_id, generation, client, kind, at, coalesce(facts, json_build_object(
  'state', state, 'outcome', outcome, 'worker_id', worker_id, 'faults', faults, 'last_fault', last_fault)) as facts
from orca.job_events;
