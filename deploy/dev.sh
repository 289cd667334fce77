#!/bin/sh
# One door for newcomers, developers and CI: installs what is pinned, then runs what was asked for.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
venv=$root/.venv
peers=$root/.venv-peers
pins=$root/deploy/requirements
stamp=$venv/.relaybook-stamp
unavailable=69 # EX_UNAVAILABLE of sysexits.h
usage=64
# Whose lines these tests run is measured; in the others it would only double or treble their time.
measured='tests/unit tests/golden tests/contract tests/architecture tests/integration/sealed_log'

say() { printf '%s\n' "$*" >&2; }

give_up() {
    say "$@"
    exit "$unavailable"
}

help() {
    cat <<'TEXT'
usage: sh deploy/dev.sh COMMAND [ARGUMENTS]

  run [args]      install, then `relaybook up` (--demo shows the whole job in a minute)
  setup           install only
  test [args]     the whole test suite, coverage of the domain included; with arguments: pytest ARGUMENTS
  check [names]   linters, types, layers, translations, documents, deployment; all of them or the named ones
  bench [name]    the benchmarks
  full [args]     `test` with the long sweeps
  faults [args]   the whole crash matrix, the outages and the load
  lock [args]     write deploy/requirements/*.txt anew (maintainers; `--upgrade` takes new versions)

Paths in ARGUMENTS are relative to the checkout, except those of `run`, which keeps your directory.
TEXT
}

# --- Python -------------------------------------------------------------------------------------

# A version manager's shim may exist without its Python, and Debian's Python lacks ensurepip.
usable_python() {
    "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for python in python3.13 python3.12 python3.11 python3 /usr/bin/python3; do
        if usable_python "$python"; then
            printf '%s\n' "$python"
            return
        fi
    done
    return 1
}

have_uv() { uv --version >/dev/null 2>&1; }

is_root() { [ "$(id -u)" -eq 0 ]; }

apt_install() {
    say "Installing with apt-get: $*"
    apt-get -qq update >/dev/null || say "The package lists could not be refreshed; the old ones have to do."
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$@" >/dev/null
}

# as_root COMMAND: how this user would type it.
as_root() {
    if command -v sudo >/dev/null 2>&1; then
        printf 'sudo %s' "$1"
    else
        printf "su -c '%s'" "$1"
    fi
}

install_hint() {
    if command -v apt-get >/dev/null 2>&1; then
        as_root "apt-get install --yes python3-venv"
    elif command -v dnf >/dev/null 2>&1; then
        as_root "dnf install --assumeyes python3.12"
    elif command -v apk >/dev/null 2>&1; then
        as_root "apk add python3"
    elif command -v brew >/dev/null 2>&1; then
        printf 'brew install python@3.13'
    fi
}

require_python() {
    find_python && return
    if is_root && command -v apt-get >/dev/null 2>&1; then
        apt_install python3-venv || say "apt-get could not install python3-venv."
        find_python && return
    fi
    hint=$(install_hint)
    say "Relaybook needs Python 3.11 or newer with its venv module, or uv, and found neither."
    [ -z "$hint" ] || say "Type this, then try again:
    $hint"
    exit "$unavailable"
}

# --- the virtual environment --------------------------------------------------------------------

level_of() {
    case $1 in
    run) echo 1 ;;
    test) echo 2 ;;
    check) echo 3 ;;
    *) echo 0 ;;
    esac
}

# The place counts: scripts in a virtual environment name their interpreter by its full path.
pins_sum() { { cat "$pins/run.txt" "$pins/test.txt" "$pins/check.txt"; echo "$root"; } | cksum; }

project_sum() { cksum <"$root/pyproject.toml"; }

write_stamp() {
    printf '%s\n%s\n%s\n' "$1" "$(pins_sum)" "$(project_sum)" >"$stamp.new"
    mv "$stamp.new" "$stamp"
}

stamp_line() { [ ! -f "$stamp" ] || sed -n "$1p" "$stamp"; }

venv_is_whole() {
    [ -f "$stamp" ] && [ "$(stamp_line 2)" = "$(pins_sum)" ] && "$venv/bin/python" -c '' 2>/dev/null
}

# What uv made has no pip, and uv may be gone.
can_install() { have_uv || "$venv/bin/python" -c 'import pip' 2>/dev/null; }

# make_venv FOLDER
make_venv() {
    rm -rf "$1"
    if have_uv; then
        uv venv --quiet --python '>=3.11' "$1" >&2
    else
        python=$(require_python)
        "$python" -m venv "$1" >&2
    fi
}

# Wheels only: nothing is compiled, and no package's build script runs on this machine.
# install_pins NAME FOLDER
install_pins() {
    say "Installing the pinned packages of $1.txt into ${2##*/} (a minute or two the first time) ..."
    if have_uv; then
        uv pip install --quiet --python "$2/bin/python" --require-hashes --only-binary :all: \
            -r "$pins/$1.txt" >&2
    else
        "$2/bin/python" -m pip install -qq --no-input --disable-pip-version-check \
            --require-hashes --only-binary :all: -r "$pins/$1.txt" >&2
    fi
}

# The build backend is among the pins, so this step needs no network. `compat` puts the checkout
# itself on the import path, so that a package made later is found without another install.
install_project() {
    if have_uv; then
        uv pip install --quiet --python "$venv/bin/python" --offline --no-deps \
            --no-build-isolation --config-setting editable_mode=compat -e "$root" >&2
    else
        "$venv/bin/python" -m pip install -qq --no-input --disable-pip-version-check \
            --no-index --no-deps --no-build-isolation --config-settings editable_mode=compat \
            -e "$root" >&2
    fi
}

# An environment for tests or checks stays one when the pins change: the higher level is made anew.
install_level() {
    have=$(stamp_line 1)
    want=$1
    [ "$(level_of "${have:-none}")" -lt "$(level_of "$want")" ] || want=$have
    if ! venv_is_whole; then
        make_venv "$venv"
        have=none
    elif [ "$have" = "$want" ] && [ "$(stamp_line 3)" = "$(project_sum)" ]; then
        return
    elif ! can_install; then
        make_venv "$venv"
        have=none
    fi
    rm -f "$stamp"
    [ "$have" = "$want" ] || install_pins "$want" "$venv"
    install_project
    write_stamp "$want"
}

# Two terminals may set up at once; the lock is on the directory itself and ends with the subshell.
ensure() {
    (
        if command -v flock >/dev/null 2>&1; then
            flock 9
        fi
        install_level "$1"
    ) 9<"$root"
}

# --- tests --------------------------------------------------------------------------------------

run_pytest() { "$venv/bin/python" -m pytest "$@"; }

no_tests_is_fine() {
    status=0
    "$@" || status=$?
    [ "$status" -eq 5 ] || return "$status"
}

# Real brokers, servers and browsers on two busy cores sometimes outlast a test's patience: what
# failed runs once more with the machine to itself. Whatever fails twice fails the suite.
second_look() {
    say "These tests failed; each has one more try, alone:"
    run_pytest --last-failed --last-failed-no-failures none -ra || return 1
    say "They passed alone. A test that needs this often has a fault, or has found one."
}

# except_measured: the options that leave the measured tests out.
except_measured() { for folder in $measured; do printf -- '--ignore=%s\n' "$folder"; done; }

# Tests marked `alone` measure time or memory and must not share the machine.
whole_suite() {
    failed=''
    no_tests_is_fine run_pytest --cache-clear -m alone || failed=yes
    # shellcheck disable=SC2086 # a list of folders
    run_pytest -m 'not alone' -n 2 --dist loadfile --cov --cov-report= $measured || failed=yes
    # In their own order: by number of tests, those of minutes, which are few a file, came last.
    # shellcheck disable=SC2046 # a list of options
    run_pytest -m 'not alone' -n 2 --dist loadfile --no-loadscope-reorder $(except_measured) ||
        failed=yes
    [ -z "$failed" ] || second_look || return 1
    "$venv/bin/coverage" report --skip-covered --skip-empty
    say "The shared language and the domain are covered in full, or this fails:"
    "$venv/bin/coverage" report --include='events/*,services/config_api/domain/*' \
        --skip-covered --show-missing --fail-under=100
}

tests() {
    ensure test
    cd "$root"
    if [ $# -eq 0 ]; then
        whole_suite
    else
        run_pytest "$@"
    fi
}

# --- benchmarks ---------------------------------------------------------------------------------

peers_sum() { { cat "$pins/bench.txt"; echo "$root"; } | cksum; }

# What the benchmarks compare with stands apart, so that no test or check ever sees it.
ensure_peers() {
    mark=$peers/.relaybook-stamp
    if [ -f "$mark" ] && [ "$(cat "$mark")" = "$(peers_sum)" ] && "$peers/bin/python" -c ''; then
        return
    fi
    make_venv "$peers" && install_pins bench "$peers" && peers_sum >"$mark"
}

bench() {
    ensure test
    ensure_peers || say "The peers could not be installed; the benchmarks name what they miss."
    cd "$root"
    exec "$venv/bin/python" -m tests.bench "$@"
}

# --- checks -------------------------------------------------------------------------------------

# require_program NAME PACKAGE
require_program() {
    command -v "$1" >/dev/null 2>&1 && return
    if is_root && command -v apt-get >/dev/null 2>&1; then
        apt_install "$2" && return
    fi
    give_up "The check needs $1. Type this, then try again:
    $(as_root "apt-get install --yes $2")"
}

check_one() {
    case $1 in
    ruff) "$venv/bin/ruff" check ;;
    format) "$venv/bin/ruff" format --check ;;
    mypy) "$venv/bin/mypy" ;;
    layers) "$venv/bin/lint-imports" --no-cache ;;
    deptry) "$venv/bin/deptry" . ;;
    vulture) "$venv/bin/vulture" ;;
    shellcheck)
        require_program shellcheck shellcheck
        shellcheck deploy/*.sh deploy/compose/*.sh .ci/run
        ;;
    translations) "$venv/bin/python" -m deploy.check_translations ;;
    docs) "$venv/bin/python" -m deploy.check_docs ;;
    deployment)
        require_program systemd-analyze systemd
        "$venv/bin/python" -m deploy.check_deployment
        ;;
    *)
        say "Unknown check: $1"
        return "$usage"
        ;;
    esac
}

check() {
    ensure check
    cd "$root"
    [ $# -gt 0 ] || set -- ruff format mypy layers deptry vulture shellcheck translations docs deployment
    failed=''
    for name in "$@"; do
        say "== $name"
        check_one "$name" || failed="$failed $name"
    done
    if [ -n "$failed" ]; then
        say "Failed:$failed"
        return 1
    fi
    say "All checks passed: $*"
}

# --- pins ---------------------------------------------------------------------------------------

# compile OUTPUT ARGUMENTS: settings of this machine must not leak into the committed files.
# Extras stay in the pins: for a requirement with an extra pip 23 looks at the newest release first,
# and refuses its missing hash, where only the bare name is pinned.
compile() {
    output=$1
    shift
    env -u UV_INDEX -u UV_INDEX_URL -u UV_DEFAULT_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
        uv pip compile --quiet --no-config --universal --no-strip-extras --generate-hashes \
        --python-version 3.11 --custom-compile-command 'sh deploy/dev.sh lock' -o "$output" "$@" pyproject.toml
}

# The largest set is solved first and constrains the others, so that each package has one version.
lock() {
    have_uv || give_up "Locking needs uv on PATH. Type this, then try again:
    pipx install uv"
    cd "$root"
    compile deploy/requirements/check.txt --group build --group test --group check "$@"
    compile deploy/requirements/test.txt --group build --group test -c deploy/requirements/check.txt
    compile deploy/requirements/run.txt --group build -c deploy/requirements/check.txt
    compile deploy/requirements/bench.txt --group bench -c deploy/requirements/check.txt
}

# --- commands -----------------------------------------------------------------------------------

command=${1:-help}
[ $# -eq 0 ] || shift
# Tests start hundreds of processes, and each would compile the product again.
unset VIRTUAL_ENV PYTHONHOME PYTHONDONTWRITEBYTECODE

case $command in
run)
    ensure run
    exec "$venv/bin/relaybook" up "$@"
    ;;
setup) ensure run ;;
test) tests "$@" ;;
check) check "$@" ;;
bench) bench "$@" ;;
full)
    export RELAYBOOK_SWEEP=full
    tests "$@"
    ;;
faults)
    export RELAYBOOK_SWEEP=full
    tests tests/faults "$@"
    ;;
lock) lock "$@" ;;
help | -h | --help) help ;;
*)
    help >&2
    exit "$usage"
    ;;
esac
