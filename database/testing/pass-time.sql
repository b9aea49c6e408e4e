-- name: list_time_columns
-- No lock: nobody migrates a test's database.
select table_name as table, column_name as column from information_schema.columns
where table_schema = 'orca' and data_type = 'timestamp with time zone' and table_name <> 'migrations'
