-- Claims read the line and the leases from their heads, where what is done leaves dead index entries. Each claim walks over
-- all of them until a vacuum comes, by default after a fifth of the table: with a million jobs that is 200,000 entries.
-- Their indexes are cleaned although few pages of the table have changed, for which a vacuum leaves them as they are.

alter table orca.reservations
  set (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.005, vacuum_index_cleanup = on);
alter table orca.jobs
  set (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.01, vacuum_index_cleanup = on);
alter table orca.deliveries
  set (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.01, vacuum_index_cleanup = on);
