-- name: read_clock
-- No lock. Not the transaction's: what time it is now.
select clock_timestamp() as "now"
