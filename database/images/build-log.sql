-- name: append_build_log
-- The token is the fence. One builder writes one log, so there is nothing to wait for.
with build as (
  update orca.image_builds b set log_bytes = b.log_bytes + $6::bigint, step = $3
  from orca.images i
  where b.id = $1 and i.sha = b.sha and i.lease_token = $2
  returning b.id
), piece as (
  insert into orca.image_build_log (build_id, step, output)
  select build.id, given.step, given.output
  from build, unnest($4::text[], $5::text[]) with ordinality as given (step, output, number)
  order by given.number
)
select id from build

-- name: cut_build_log
-- No lock needed: only the builder that writes the log cuts it. The last pieces that fit stay.
delete from orca.image_build_log l using (
  select piece, sum(octet_length(output)) over (order by piece desc) as bytes
  from orca.image_build_log where build_id = $1
) as counted
where l.build_id = $1 and l.piece = counted.piece and counted.bytes > $2::bigint

-- name: read_build_log
-- No lock.
select piece, step, output from orca.image_build_log
where build_id = $1 and piece > $2 order by piece limit $3
