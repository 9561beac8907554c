#!/bin/sh
# A job of every night and one that follows it: when they would run, one run by hand now, and what each has written.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=$here/../../bin:$PATH

meseta job add "$here/backup.json" --dry-run | sed -n 1p
meseta job add "$here/backup.json"
meseta job add "$here/report.json"
meseta job graph
meseta job run backup
meseta job log backup | sed 's/ .*//'
# The report follows by itself.
until meseta job history report -o name | grep -q .; do sleep 0.2; done
meseta job log report --follow
meseta job rm report --yes --stop
meseta job rm backup --yes --stop
