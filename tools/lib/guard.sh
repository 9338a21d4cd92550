#!/bin/sh
# Ends what a launcher started when the launcher itself has gone, however it went (kill -9 included).
#
# stdin is a pipe whose other end only the launcher holds. Lines: `+ PID SIGNAL` (started), `- PID` (ended), `c COMMAND` (also run
# this at the end, for containers), `q` (all is stopped, nothing left to do). When the pipe closes without `q`, every process
# still listed gets its signal, in the order they were given backwards (services before their databases), then SIGKILL.
# A shell, not Node: it takes 1 MB, not 40, and survives a `killall node`.
trap '' HUP INT TERM QUIT PIPE
running=''
commands=''

while read -r kind first second; do
  case "$kind" in
    +) running="$first:$second $running" ;;
    -) kept=''
       for entry in $running; do [ "${entry%%:*}" = "$first" ] || kept="$kept $entry"; done
       running="$kept" ;;
    c) commands="$commands
$first $second" ;;
    q) exit 0 ;;
  esac
done

signal_all() {
  for entry in $running; do
    pid="${entry%%:*}"
    [ "$1" = named ] && name="${entry##*:}" || name="$1"
    kill -s "$name" "$pid" 2>/dev/null && kill -s CONT "$pid" 2>/dev/null
  done
}

# A zombie still answers to signal 0, where nobody reaps orphans; it counts as gone. Small systems have /proc but no ps, macOS the reverse.
is_zombie() {
  if [ -r "/proc/$1/stat" ]; then
    read -r stat <"/proc/$1/stat" || return 1
    case "$stat" in *') Z '*) return 0 ;; esac
    return 1
  fi
  case "$(ps -o stat= -p "$1" 2>/dev/null)" in Z*) return 0 ;; esac
  return 1
}

any_left() {
  for entry in $running; do
    pid="${entry%%:*}"
    kill -0 "$pid" 2>/dev/null || continue
    is_zombie "$pid" || return 0
  done
  return 1
}

signal_all named
waited=0
while any_left && [ "$waited" -lt 40 ]; do
  sleep 0.2
  waited=$((waited + 1))
done
signal_all KILL
[ -z "$commands" ] || sh -c "$commands" >/dev/null 2>&1
