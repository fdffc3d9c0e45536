#!/bin/bash
# Installs what the tests need, builds, runs every test and ends with one line: N passed, N failed.
#
#   tests/run.sh                     everything
#   tests/run.sh unit integration    only these parts (format, unit, integration, e2e)
#   FILTER='*RabbitMq*' tests/run.sh integration    only matching methods
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

declare -A projects=([unit]=Tributary.Tests.Unit [integration]=Tributary.Tests.Integration [e2e]=Tributary.Tests.E2e)
declare -A limits=([unit]=300 [integration]=900 [e2e]=1200) # seconds
passed=0 failed=0 runner='' temp='' policy=''
as_root=()

say() { printf '%s\n' "$*"; }

finish() {
  say "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

fail() { # SENTENCE: counts one failure
  failed=$((failed + 1))
  say "FAILED: $*"
}

stop() { # SENTENCE: a part is missing, there is nothing more to run
  fail "$*"
  finish
}

clean_up() {
  if [ -n "$policy" ]; then "${as_root[@]}" rm -f "$policy"; fi
  if [ -n "$temp" ]; then end_leftovers; fi
}

interrupted() {
  trap - INT TERM
  if [ -n "$runner" ]; then
    kill -INT "$runner" 2>/dev/null # timeout passes it on; the runner disposes its servers
    wait "$runner"
  fi
  fail "interrupted"
  finish
}

# --- what the tests need from Debian

has_program() { PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null 2>&1; }
has_libzstd() { compgen -G '/usr/lib/*/libzstd.so.1' >/dev/null || compgen -G '/lib/*/libzstd.so.1' >/dev/null; }

missing_packages() { # PART…
  local part
  has_libzstd || say libzstd1
  has_program zstd || say zstd
  has_program gzip || say gzip
  [ -x /lib/systemd/systemd-journal-remote ] || say systemd-journal-remote
  has_program promtool || say prometheus
  has_program setsid && has_program flock && has_program setpriv || say util-linux
  for part; do
    case $part in integration | e2e)
      [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || say rabbitmq-server
      has_program dockerd && has_program docker || say docker.io
      has_program busybox || say busybox-static
      has_program script || say bsdutils
      has_program mount || say mount
      ;;
    esac
  done
}

need_root() { # REASON
  if [ "$(id -u)" -eq 0 ]; then return; fi
  if has_program sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    as_root=(sudo)
    return
  fi
  stop "root or sudo is needed $1; run: sudo make test"
}

install_packages() { # PACKAGE…
  say "installing by apt-get: $*"
  # Packages must not start their system-wide services: the tests start private ones.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    policy=/usr/sbin/policy-rc.d
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null && "${as_root[@]}" chmod +x "$policy"
  fi

  local log; log=$(mktemp)
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q)
  if ! "${apt[@]}" install --no-install-recommends "$@" >"$log" 2>&1 &&
    ! { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 20 "$log"
    rm -f "$log"
    stop "apt-get could not install $*; install by hand what it names and run again"
  fi

  rm -f "$log"
  if [ -n "$policy" ]; then "${as_root[@]}" rm -f "$policy"; policy=''; fi
}

prepare_machine() { # PART…
  has_program apt-get || stop "this is no Debian: apt-get is missing, and the tests install their servers by it"
  has_program dotnet || stop "dotnet is missing: install the .NET 10 SDK"
  local missing; missing=$(missing_packages "$@" | sort -u)
  if [ -n "$missing" ]; then need_root "to install $(echo $missing)"; fi
  case " $* " in *' integration '* | *' e2e '*) need_root "to start a private dockerd" ;; esac
  if [ -z "$missing" ]; then return; fi
  # shellcheck disable=SC2086 # one argument a package
  install_packages $missing
  missing=$(missing_packages "$@" | sort -u)
  if [ -n "$missing" ]; then stop "still missing after apt-get: $(echo $missing)"; fi
}

# --- nothing outlives a run

marked_processes() { # ids of what descends from a runner, and of what runs in its containers
  local file pid parent
  declare -A marked=()
  for file in /proc/[0-9]*/environ; do
    pid=${file#/proc/}; pid=${pid%/environ}
    if "${as_root[@]}" grep -qsz "^TRIBUTARY_TEST_RUN=$temp$" "$file"; then marked[$pid]=1; fi
  done
  for file in /proc/[0-9]*/status; do
    pid=${file#/proc/}; pid=${pid%/status}
    parent=$(sed -n 's/^PPid:[[:space:]]*//p' "$file" 2>/dev/null)
    if [ -n "$parent" ] && [ -n "${marked[$parent]:-}" ]; then marked[$pid]=1; fi
  done
  [ ${#marked[@]} -eq 0 ] || printf '%s\n' "${!marked[@]}"
}

end_leftovers() {
  local left mount
  left=$(marked_processes)
  if [ -n "$left" ]; then
    # shellcheck disable=SC2086 # one argument a process
    "${as_root[@]}" kill -KILL $left 2>/dev/null
  fi
  awk -v root="$temp/" 'index($5, root) == 1 { print $5 }' /proc/self/mountinfo | tac | while read -r mount; do
    "${as_root[@]}" umount -l "$mount"
  done
  "${as_root[@]}" rm -rf --one-file-system "$temp"
  temp=''
}

# --- the parts

check_format() {
  local log; log=$(mktemp)
  if dotnet format whitespace . --folder --verify-no-changes --exclude artifacts >"$log" 2>&1; then
    passed=$((passed + 1))
  else
    head -n 30 "$log"
    fail "some files are not formatted; run: make fmt"
  fi
  rm -f "$log"
}

build() { # PROJECT…
  local project log; log=$(mktemp)
  for project; do
    if ! dotnet build "$project" -c Release --nologo -v q -clp:NoSummary >"$log" 2>&1; then
      sort -u "$log" | head -n 40
      rm -f "$log"
      stop "$project does not build"
    fi
  done
  rm -f "$log"
}

attribute() { # NAME FILE: of the report's <assembly …>
  grep -o '<assembly [^>]*' "$2" 2>/dev/null | head -n 1 | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p"
}

run_part() { # PART
  local project=${projects[$1]} limit=${limits[$1]} report code count errors filter=() root=()
  if [ -n "${FILTER:-}" ]; then filter=(-method "$FILTER"); fi
  if [ "$1" != unit ]; then root=("${as_root[@]}"); fi
  say "== $1"
  temp=$(mktemp -d /tmp/tributary-tests-XXXXXX)
  report=$temp/report.xml
  "${root[@]}" timeout --signal=INT --kill-after=60 "$limit" \
    env TMPDIR="$temp" TRIBUTARY_TEST_RUN="$temp" PATH="$PATH" ${DOTNET_ROOT:+DOTNET_ROOT="$DOTNET_ROOT"} \
    dotnet "artifacts/bin/$project/release/$project.dll" -noLogo -noColor -failSkips "${filter[@]}" -xml "$report" </dev/null &
  runner=$!
  wait "$runner"
  code=$?
  runner=''

  count=$(attribute passed "$report")
  errors=$(($(attribute failed "$report") + $(attribute errors "$report")))
  passed=$((passed + ${count:-0}))
  failed=$((failed + errors))
  if [ "$code" -eq 124 ] || [ "$code" -eq 137 ]; then
    fail "$1 did not end within $limit s and was stopped"
  elif [ -z "$count" ]; then
    fail "$1 ended with exit code $code without a report"
  elif [ "$code" -ne 0 ] && [ "$errors" -eq 0 ] && [ $((count + errors)) -gt 0 ]; then
    fail "$1 ended with exit code $code though no test failed"
  elif [ "$count" -eq 0 ] && [ "$errors" -eq 0 ] && [ -z "${FILTER:-}" ]; then
    fail "$1 ran no test"
  fi
  end_leftovers
}

trap clean_up EXIT
trap interrupted INT TERM

parts=("$@")
if [ ${#parts[@]} -eq 0 ]; then parts=(format unit integration e2e); fi
tests=()
for part in "${parts[@]}"; do
  if [ "$part" = format ]; then continue; fi
  if [ -z "${projects[$part]:-}" ]; then stop "there is no part \"$part\"; there are: format, unit, integration, e2e"; fi
  tests+=("$part")
done

prepare_machine "${tests[@]}"
case " ${parts[*]} " in *' format '*) check_format ;; esac
if [ $# -eq 0 ]; then
  build Platform.sln
  passed=$((passed + 1))
elif [ ${#tests[@]} -gt 0 ]; then
  build "${tests[@]/#/tests/}" services/standalone
fi

for part in "${tests[@]}"; do
  run_part "$part"
done
finish
