-- A run that ends and the next that begins are one statement now: see docs/adr/0024-one-statement-between-two-runs.md. What
-- PostgreSQL does for each statement before its first row counts there.

-- The condition of a trigger is read from its text by each statement that changes a row, those of a function once a session.
-- Renewed leases and named containers do not get as far as the function: they set none of these columns.
create or replace function orca.note_job_state() returns trigger language plpgsql as $$
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
$$;

drop trigger jobs_note_state on orca.jobs;
create trigger jobs_note_state after update of state, generation, faults on orca.jobs
  for each row
  execute function orca.note_job_state();
