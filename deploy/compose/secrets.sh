#!/bin/sh
# Makes the secrets that compose.yaml names, each only if it is missing, in `secrets` beside it.
# The folder is closed to others; the files in it are readable, since containers have users of their own.
set -eu

folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)/secrets
umask 077
mkdir -p "$folder"

random() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# keep NAME: writes standard input to the file, unless it is there.
keep() {
    if [ -e "$folder/$1" ]; then
        cat >/dev/null
        return
    fi
    cat >"$folder/$1.new"
    chmod 0444 "$folder/$1.new"
    mv "$folder/$1.new" "$folder/$1"
    printf 'made %s\n' "$folder/$1" >&2
}

random 24 | keep owner-password
random 24 | keep database-password
random 24 | keep broker-password
head -c 32 /dev/urandom | base64 | keep master-key
printf 'postgresql+psycopg://relaybook_owner:%s@postgres/relaybook\n' "$(cat "$folder/owner-password")" |
    keep migration-database-url
printf 'postgresql+psycopg://relaybook:%s@postgres/relaybook\n' "$(cat "$folder/database-password")" |
    keep database-url
printf 'default_user = relaybook\ndefault_pass = %s\n' "$(cat "$folder/broker-password")" |
    keep rabbitmq-user
printf 'amqp://relaybook:%s@rabbitmq:5672//\n' "$(cat "$folder/broker-password")" | keep broker-url
# Empty until the service makes one, which is written into this very file; README, "Containers".
keep tester-token </dev/null
chmod 0644 "$folder/tester-token"
