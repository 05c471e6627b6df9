#!/usr/bin/env bash
# Make both lock files anew from pyproject.toml. Needs uv (pip install uv). They name no index address.
set -eu
cd "$(dirname "$0")/.."
lock() {
  uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --no-emit-find-links --no-header --no-annotate --quiet pyproject.toml "$@"
}
lock --extra console --extra mysql --output-file requirements/runtime.lock
lock --extra spark --extra console --extra mysql --extra rest --group test --constraints requirements/runtime.lock --output-file requirements/dev.lock
