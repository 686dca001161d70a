#!/bin/sh
# Creates Temporal's two databases and brings their tables to the version of this image. Each step is safe to repeat.
set -eu

for name in temporal visibility; do
  case $name in
    temporal) database=temporal ;;
    visibility) database=temporal_visibility ;;
  esac
  temporal-sql-tool --db "$database" create-database
  temporal-sql-tool --db "$database" setup-schema --version 0.0
  temporal-sql-tool --db "$database" update-schema --schema-name "postgresql/v12/$name"
done
