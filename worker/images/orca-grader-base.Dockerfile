# The image that every grader image is built from: `docker build -t orca-grader-base -f images/orca-grader-base.Dockerfile .`
# in worker/, after `./orca` has put the Node binary of this checkout into images/bin/.
#
# Any Debian or Ubuntu will do. Ubuntu 22.04 is the default because existing graders install its packages.
ARG BASE=ubuntu:22.04
FROM ${BASE}

# What grading scripts may count on, beside a shell and coreutils.
RUN export DEBIAN_FRONTEND=noninteractive \
 && apt-get update \
 && apt-get install --yes --no-install-recommends \
      ca-certificates curl gzip libnss-myhostname p7zip-full python3 tar unzip zip \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/*

# Jobs' containers get no /etc/hosts from the engine: the C library knows `localhost` and the own name by itself, IPv4 first.
# The label says so. An image that sets another value gets the file, and its containers take the engine longer.
RUN sed -i -e '/^hosts:/d' -e '$a hosts: files myhostname dns' /etc/nsswitch.conf \
 && printf 'precedence ::ffff:0:0/96 100\n' > /etc/gai.conf
LABEL orca.localhost="nss"

# Commands run as user 1000. Ubuntu from 23.04 on brings a user of that number, which makes way.
RUN taken="$(getent passwd 1000 | cut -d: -f1)" \
 && if [ -n "$taken" ]; then userdel --remove "$taken"; fi \
 && taken="$(getent group 1000 | cut -d: -f1)" \
 && if [ -n "$taken" ]; then groupdel "$taken"; fi \
 && groupadd --gid 1000 orca-grader \
 && useradd --uid 1000 --gid 1000 --create-home --home-dir /home/orca-grader --shell /bin/bash orca-grader

# What Orca's harness runs on: off every PATH and closed to the commands, so that it can be neither used nor replaced.
COPY --chown=0:0 images/bin/node /opt/orca/bin/node
RUN chmod 0755 /opt/orca/bin/node && chmod 0700 /opt/orca /opt/orca/bin && /opt/orca/bin/node --version

WORKDIR /home/orca-grader
