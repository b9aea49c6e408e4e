# Java: the distribution's default JDK (17 in Debian 12, 11 in Ubuntu 22.04), without desktop. JUnit comes with the job.
FROM orca-grader-base

# Only jlink reads jmods/, a third of the JDK.
RUN export DEBIAN_FRONTEND=noninteractive \
 && mkdir -p /usr/share/man/man1 \
 && apt-get update \
 && apt-get install --yes --no-install-recommends default-jdk-headless \
 && apt-get clean \
 && rm -rf /usr/lib/jvm/*/jmods /usr/share/doc/* /usr/share/man/* /var/lib/apt/lists/* \
 && javac -version && java -version

USER orca-grader
