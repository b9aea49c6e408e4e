# C: compiler, make and valgrind. AddressSanitizer's own search for leaks needs ptrace, which no job has: valgrind does not.
FROM orca-grader-base

# valgrind needs the symbols of the C library, which are in libc6-dbg.
RUN export DEBIAN_FRONTEND=noninteractive \
 && apt-get update \
 && apt-get install --yes --no-install-recommends gcc libc6-dbg libc6-dev make valgrind \
 && apt-get clean \
 && rm -rf /usr/share/doc/* /usr/share/man/* /var/lib/apt/lists/* \
 && gcc --version && make --version && valgrind --version

USER orca-grader
