#!/bin/sh
# Creates the namespace once. Closed runs are kept for 30 days: an account's audit is read from them.
set -eu

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d
