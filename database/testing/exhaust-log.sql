-- name: begin_log_segment
-- No lock. A segment in which nothing stands is not ended.
select pg_logical_emit_message(false, 'orca', 'x') as "wroteUntil", pg_switch_wal() as "endedAt"
