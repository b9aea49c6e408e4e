#!/bin/sh
# Makes annotations.jar and tap-runner.jar from the sources beside them; needs JDK 17, and JUnit as it lies here.
# The same sources give the same bytes: fixed times, a fixed order. The sources go into the jars, too.
set -eu
cd "$(dirname "$0")"
classes=$(mktemp -d)
trap 'rm -r "$classes"' EXIT

make_jar() { # name, class path
  mkdir "$classes/$1"
  (cd "$1" && find . -name '*.java' | LC_ALL=C sort) > "$classes/$1.list"
  (cd "$1" && javac --release 8 -Xlint:all,-options,-path,-try -implicit:none -encoding UTF-8 -cp "$2" -d "$classes/$1" @"$classes/$1.list")
  cp -R "$1/." "$classes/$1/"
  (cd "$classes/$1" && find . -type f | LC_ALL=C sort) > "$classes/$1.list"
  (cd "$classes/$1" && TZ=UTC jar --create --no-manifest --date=1980-01-01T00:00:02Z --file "$classes/$1.jar" @"$classes/$1.list")
  mv "$classes/$1.jar" "$1.jar"
  chmod 0644 "$1.jar"
}

make_jar annotations .
make_jar tap-runner ../annotations.jar:../junit-4.13.2.jar
