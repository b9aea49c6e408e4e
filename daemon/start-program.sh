#!/bin/sh
# Starts one of Orca's programs in place of itself: daemon/start-program.sh worker/main.ts
#
# systemd, Docker, npm and `orca up` all start programs with this: what keeps their memory small stands here and nowhere else.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
node=$root/node_modules/node/bin/node
# A Docker image has its own.
[ -x "$node" ] || node=node

# Most of what a program makes is garbage at once. The usual 16 MiB for that only fill up before anybody looks at them, and
# with each of them some 15 MiB of what has come over a socket wait, too: a buffer is an object that is small.
# What is older may grow fourfold before V8 collects it, and the pages that this frees stay with a process that is busy.
# So it is to grow by 30 % only.
# What Node would read of itself from a snapshot takes more memory than what it makes anew, in 35 ms, once.
flags='--max-semi-space-size=1 --heap-growing-percent=30 --no-node-snapshot'
# glibc keeps what threads give back apart from each other, in up to eight places for each processor.
export MALLOC_ARENA_MAX=2
# It keeps what is smaller than this, and raises the limit by itself: a socket's buffers are as large, and are to go back.
export MALLOC_MMAP_THRESHOLD_=65536

# Compiled code is kept for the next start: compiling it takes half a second, and 30 MiB that a process never gives back. V8
# takes only what was compiled with the same flags.
if [ -n "${NODE_COMPILE_CACHE:-}" ]; then code=$NODE_COMPILE_CACHE
elif [ -n "${CACHE_DIRECTORY:-}" ]; then code=$CACHE_DIRECTORY/code
elif [ -n "${HOME:-}" ]; then code=$HOME/.cache/orca-code
else code=
fi

# Whoever can write there can have his own code run: it is used only where nobody else can.
is_private() {
  me=$(id -u)
  [ -n "$(find "$1" -prune -type d -user "$me" ! -perm -020 ! -perm -002)" ] &&
    [ -n "$(find "$(dirname -- "$1")/." -prune '(' -user "$me" -o -user 0 ')' '(' -perm -1000 -o ! -perm -020 ! -perm -002 ')')" ]
}

# What has changed since the mark was made, in packages or in Orca itself; all, where there is no mark.
find_newer() {
  [ -e "$1" ] || echo all
  find "$root" -name .orca -prune -o -path "$root/node_modules/*/*" -prune -o \
    '(' -name '*.ts' -o -name .package-lock.json ')' -newer "$1" -print
}

# Code stays in the process that compiled it: where there is some to compile, another process does it first.
compile() {
  mark=$NODE_COMPILE_CACHE/$(printf '%s' "$PWD $flags $*" | cksum | cut -d ' ' -f 1)
  [ -n "$(find_newer "$mark" 2>/dev/null | head -n 1)" ] || return 0
  env -u NODE_CHANNEL_FD "$node" $flags "$@" --load-only </dev/null >/dev/null 2>&1 && (umask 077 && : >"$mark")
}

if [ -n "$code" ] && (umask 077 && mkdir -p -- "$code") 2>/dev/null && is_private "$code"; then
  export NODE_COMPILE_CACHE="$code"
  case "$*" in
    *main.ts | *main.ts\ server | *main.ts\ image-builder) compile "$@" || true ;;
  esac
else
  unset NODE_COMPILE_CACHE
fi
exec "$node" $flags "$@"
