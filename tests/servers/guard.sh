#!/bin/sh
# Outlives a test, to end the server that it started and to delete its folder:
#
#   guard.sh FOLDER SIGNAL
#
# Standard input is a pipe from the test: it ends when the test closes it, or dies in whatever way.
# Then SIGNAL goes to the process that FOLDER/pid names, and SIGKILL to it and its children if that
# does not end it.
folder=$1
signal=$2
cat >/dev/null

# Whether it runs: one that has ended can stay in the table of processes for a while.
runs() { [ -r "/proc/$1/stat" ] && ! grep -q ') Z ' "/proc/$1/stat"; }

children() { awk -v parent="$1" '$4 == parent {print $1}' /proc/[0-9]*/stat 2>/dev/null; }

if [ -r "$folder/pid" ] && read -r pid <"$folder/pid"; then
  # A stopped process hears nothing.
  for process in $(children "$pid") "$pid"; do kill -CONT "$process"; done
  kill -s "$signal" "$pid"
  tries=0
  while runs "$pid" && [ $tries -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.05
  done
  if runs "$pid"; then
    for process in $(children "$pid") "$pid"; do kill -KILL "$process"; done
  fi
fi 2>/dev/null
rm -rf "$folder"
