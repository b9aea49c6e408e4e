-- name: list_time_columns
-- No lock: nobody migrates a test's database. The audit trail refuses to be changed.
select c.table_name as table, c.column_name as column
from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'orca' and t.table_type = 'BASE TABLE' and c.data_type = 'timestamp with time zone'
  and c.table_name not in ('migrations', 'audit_trail')
