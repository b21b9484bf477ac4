#!/usr/bin/env bash
# `npm run certify`: all 991 public OpenFlow 1.3 cases against two switches of ours on real sockets, judged by os-ken's tool.
# Arguments go to ../shared/conformance/ryu-certify.sh: cases to run, --show N, --port P. One shard: meters and groups are
# measured against the wall clock, and take five minutes of it.
set -euo pipefail
cd "$(dirname "$0")/../.."
pair="exec node cli/sluice.mjs emulate topologies/certification.yaml --controller tcp:127.0.0.1:\$CERT_PORT"
exec bash ../shared/conformance/ryu-certify.sh --show 20 --pair-cmd "cd '$PWD' && $pair" "$@"
