#!/bin/sh
# Installs the platform into a new virtual environment, with the versions of requirements.lock and
# without what only tests need. The container does exactly this, and so does a test.
#
#   deploy/install.sh SOURCE PREFIX
set -eu

if [ "$#" -ne 2 ]; then
  echo "usage: install.sh SOURCE PREFIX" >&2
  exit 64
fi
source=$1
prefix=$2

python3 -m venv "$prefix"
"$prefix/bin/python" -m pip install --disable-pip-version-check --no-compile \
  --constraint "$source/requirements.lock" "${source}[production]"
"$prefix/bin/python" -m pip check
