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
-- No lock needed: only the builder that writes the log cuts it. The last pieces that fit stay: their outputs together, and
-- what else there is of them, since a command can print what looks like a step without any output.
delete from orca.image_build_log l using (
  select piece,
    sum(octet_length(output)) over latest as output_bytes,
    sum(octet_length(step) + $3::bigint) over latest as other_bytes
  from orca.image_build_log where build_id = $1
  window latest as (order by piece desc)
) as counted
where l.build_id = $1 and l.piece = counted.piece and greatest(counted.output_bytes, counted.other_bytes) > $2::bigint

-- name: read_build_log
-- No lock.
select piece, step, output from orca.image_build_log
where build_id = $1 and piece > $2 order by piece limit $3
