-- A URL may be longer than a row of a B-tree (2,704 bytes): the end of its image's build could not be written down then, for
-- anybody. What has been told of one image is few rows, of which its URL is compared in the table.
-- The old one goes first: a stronger lock after a weaker one could wait for somebody who waits for this.
drop index orca.deliveries_of_image;
create index deliveries_of_image on orca.deliveries (image_sha, id) where kind = 'image';
