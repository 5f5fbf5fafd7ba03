#!/bin/sh
# Starts one role of the image: web, worker QUEUES, beat, migrate, manage …
set -eu
role="${1:-web}"
[ "$#" -gt 0 ] && shift
case "$role" in
  web)
    exec gunicorn backend.wsgi --bind 0.0.0.0:8000 --workers "${WEB_WORKERS:-3}" \
      --forwarder-headers "" --worker-tmp-dir /dev/shm --timeout 60 --graceful-timeout 30 \
      --max-requests 2000 --max-requests-jitter 200
    ;;
  reader)
    exec gunicorn backend.wsgi --bind 0.0.0.0:8000 --workers "${WEB_WORKERS:-2}" \
      --forwarder-headers "" --worker-tmp-dir /dev/shm --timeout 120 --graceful-timeout 30
    ;;
  worker)
    exec celery -A backend worker -Q "$1" -c "${WORKER_PROCESSES:-2}" -n "$1@%h" \
      --without-gossip --without-mingle --loglevel INFO
    ;;
  beat)
    exec celery -A backend beat --schedule /tmp/beat-schedule --pidfile= --loglevel INFO
    ;;
  migrate)
    # Everybody waits for this role; web and reader read the list of files once, at their start.
    export ANLIEGEN_DB_ROLE=owner
    python manage.py collectstatic --noinput --verbosity 0
    exec python manage.py migrate --noinput
    ;;
  *)
    exec python manage.py "$role" "$@"
    ;;
esac
