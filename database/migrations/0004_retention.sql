-- What is kept for a time, and then goes in small batches.

-- All deliveries of a job: those that are to come, and, when the job goes, those that have ended.
create index deliveries_of_any_job on orca.deliveries (job_id, id);
drop index orca.deliveries_of_job;
-- Those that hang on no job go by themselves.
create index deliveries_of_images_ended on orca.deliveries (ended_at) where kind = 'image' and ended_at is not null;
