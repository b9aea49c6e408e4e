-- What is told of an image is looked up by whoever tells of a newer build: few rows among those of jobs.
create index deliveries_of_image on orca.deliveries (image_sha, url, id) where kind = 'image';
