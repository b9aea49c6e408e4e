# Python with pytest, both the distribution's (3.11 and 7.2 in Debian 12, 3.10 and 6.2 in Ubuntu 22.04).
FROM orca-grader-base

RUN export DEBIAN_FRONTEND=noninteractive \
 && apt-get update \
 && apt-get install --yes --no-install-recommends python3-pytest \
 && apt-get clean \
 && rm -rf /usr/share/doc/* /usr/share/man/* /var/lib/apt/lists/* \
 && python3 -m pytest --version

USER orca-grader
