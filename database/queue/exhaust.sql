-- name: note_last_fault
-- Under the job's row lock.
update orca.jobs set faults = $4, last_fault = $3 where id = $1 and lease_token = $2
