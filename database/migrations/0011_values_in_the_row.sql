-- Only the config of a job stands out of line. With a row that is to have 256 bytes at most, PostgreSQL put all of the other
-- values out of line, too, that are longer than a pointer to them: six rows more a job, which each statement had to fetch.
-- See docs/adr/0023-the-row-of-a-job.md. Jobs that are there keep theirs as they are; both can be read by any version.

alter table orca.jobs
  alter column identity set storage plain, -- hashes: nothing to compress
  alter column submitter set storage plain,
  alter column content set storage plain,
  alter column client set storage main, -- inline as long as it fits
  alter column response_url set storage main,
  alter column image_sha set storage main,
  alter column last_fault set storage main,
  alter column lease_worker set storage main,
  alter column container set storage main,
  set (toast_tuple_target = 1024);
