#!/bin/sh
# Gives a service account what the platform needs on Google Cloud, and nothing else. It may start
# queries, make datasets of its own (which it then owns), read the raw datasets, and read and write
# the objects of one bucket; it sees no other dataset and can grant nothing. Running it again changes
# nothing. Needs gcloud and bq, signed in as someone who may grant roles.
#
#   deploy/grants.sh PROJECT LOCATION BUCKET SERVICE_ACCOUNT
set -eu

if [ "$#" -ne 4 ]; then
  echo "usage: grants.sh PROJECT LOCATION BUCKET SERVICE_ACCOUNT" >&2
  exit 64
fi
project=$1
location=$2
bucket=$3
member=serviceAccount:$4

# roles/bigquery.user: starts jobs, makes datasets; reads nobody else's data.
gcloud projects add-iam-policy-binding "$project" --member="$member" \
  --role=roles/bigquery.user --condition=None --quiet >/dev/null

for dataset in nba_raw nba_reference nba_static; do
  bq query --project_id="$project" --location="$location" --use_legacy_sql=false --quiet \
    "GRANT \`roles/bigquery.dataViewer\` ON SCHEMA \`$project.$dataset\` TO '$member'"
done

# roles/storage.objectUser: reads, writes, lists and deletes objects; the bucket stays as it is.
gcloud storage buckets add-iam-policy-binding "gs://$bucket" --member="$member" \
  --role=roles/storage.objectUser --quiet >/dev/null

echo "granted to $member on $project and gs://$bucket"
