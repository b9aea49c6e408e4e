-- What happens to jobs, for those who follow them live. Written by a trigger, so that no change of state is forgotten;
-- nothing reads it but event streams. See docs/adr/0011-events-are-read-below-a-mark.md.
-- No foreign key: events go by their age, long before their job does.

create table orca.job_events (
  id bigint generated always as identity primary key,
  job_id bigint not null,
  generation integer not null,
  client text not null,
  kind text not null check (kind in ('state', 'command')),
  at timestamptz not null default clock_timestamp(),
  facts json not null
);
create index job_events_of_job on orca.job_events (job_id, id);
-- The sequence has been used from the first event on: the mark before it is a number.
select nextval(pg_get_serial_sequence('orca.job_events', 'id'));

-- A transaction marks the last number that was given out before it asks for its own, with a lock that goes with it, and
-- that nobody waits for: as long as it is open, readers stop at its mark. So none of them passes by a number whose row
-- cannot be seen yet. Once for each transaction, however many events it writes.
create function orca.mark_job_events() returns trigger language plpgsql as $$
begin
  if coalesce(current_setting('orca.events_marked', true), '') = '' then
    perform pg_advisory_xact_lock_shared(4611686018427387904 + last_value) from orca.job_events_id_seq;
    perform set_config('orca.events_marked', 'yes', true);
  end if;
  return null;
end
$$;
create trigger job_events_mark before insert on orca.job_events
  for each statement execute function orca.mark_job_events();

create function orca.note_job_state() returns trigger language plpgsql as $$
begin
  insert into orca.job_events (job_id, generation, client, kind, facts)
  values (new.id, new.generation, new.client, 'state', json_build_object(
    'state', new.state, 'outcome', new.outcome, 'worker_id', new.lease_worker,
    'faults', new.faults, 'last_fault', new.last_fault));
  return null;
end
$$;
create trigger jobs_note_new after insert on orca.jobs
  for each row execute function orca.note_job_state();
-- Renewed leases and named containers are no change of state.
create trigger jobs_note_state after update on orca.jobs
  for each row
  when (old.state <> new.state or old.generation <> new.generation or old.faults <> new.faults)
  execute function orca.note_job_state();
