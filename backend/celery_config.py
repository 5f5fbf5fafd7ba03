"""Celery's configuration, read lazily: queues, limits, schedule (why: docs/decisions)."""

from celery.schedules import crontab
from django.conf import settings
from kombu import Queue

QUEUES = ("citizen", "staff", "bulk", "media", "periodic")

broker_url = settings.CELERY_BROKER_URL
broker_transport_options = {
    "visibility_timeout": 300,
    "socket_timeout": 2,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "retry_on_timeout": False,
    "max_retries": 0,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "global_keyprefix": f"anliegen-{settings.ENVIRONMENT}:",
}
visibility_timeout = 300
result_backend = None
task_ignore_result = True
# Wake-ups carry nothing, so losing one costs a sweep; late acks would only add loops.
task_acks_late = False
task_reject_on_worker_lost = False
task_publish_retry = False
task_serializer = "json"
accept_content = ["json"]
task_queues = [Queue(name) for name in QUEUES]
task_default_queue = "periodic"
task_create_missing_queues = False
task_time_limit = 120
task_soft_time_limit = None
worker_prefetch_multiplier = 1
worker_disable_prefetch = True
worker_max_tasks_per_child = 1000
worker_max_memory_per_child = 300_000
worker_soft_shutdown_timeout = 20
worker_enable_soft_shutdown_on_idle = True
worker_cancel_long_running_tasks_on_connection_loss = False
worker_hijack_root_logger = False
worker_send_task_events = False
broker_connection_retry_on_startup = True
broker_connection_max_retries = None
timezone = "Europe/Berlin"
enable_utc = True
beat_schedule = {
    "sweep": {
        "task": "reports.tasks.beat",
        "schedule": settings.SWEEP_SECONDS,
        "options": {"queue": "periodic", "expires": 10},
    },
    "housekeeping": {
        "task": "reports.tasks.keep_house",
        "schedule": 3600.0,
        "options": {"queue": "periodic", "expires": 600},
    },
    "remind": {
        "task": "reports.tasks.remind",
        "schedule": 300.0,
        "options": {"queue": "periodic", "expires": 250},
    },
    "interims": {
        "task": "reports.tasks.interims",
        "schedule": 3600.0,
        "options": {"queue": "periodic", "expires": 1800},
    },
    "align": {
        "task": "reports.tasks.align",
        "schedule": 60.0,
        "options": {"queue": "periodic", "expires": 50},
    },
    "fetch_mail": {
        "task": "postbox.tasks.fetch",
        "schedule": float(settings.MAILBOX_FETCH_SECONDS),
        "options": {"queue": "periodic", "expires": 50},
    },
    "make_reports": {
        "task": "figures.tasks.sweep",
        "schedule": 30.0,
        "options": {"queue": "bulk", "expires": 25},
    },
    "sweep_replays": {
        "task": "reports.tasks.sweep_replays",
        "schedule": 30.0,
        "options": {"queue": "bulk", "expires": 25},
    },
    "publish_statistics": {
        "task": "figures.tasks.publish",
        "schedule": 3600.0,
        "options": {"queue": "periodic", "expires": 1800},
    },
    "follow_sensors": {
        "task": "reports.tasks.follow_sensors",
        "schedule": 60.0,
        "options": {"queue": "periodic", "expires": 50},
    },
    # Before learning, so that no model learns from what was forgotten the same night.
    "forget": {
        "task": "reports.tasks.forget",
        "schedule": crontab(hour="1", minute="11"),
        "options": {"queue": "bulk", "expires": 6 * 3600},
    },
    "read_receipts": {
        "task": "reports.tasks.read_receipts",
        "schedule": 300.0,
        "options": {"queue": "periodic", "expires": 250},
    },
    "tell_subscribers": {
        "task": "opendata.tasks.deliver",
        "schedule": 30.0,
        "options": {"queue": "bulk", "expires": 25},
    },
    "archive": {
        "task": "opendata.tasks.archive",
        "schedule": crontab(hour="*/6", minute="23"),
        "options": {"queue": "bulk", "expires": 6 * 3600},
    },
    "train": {
        "task": "reports.tasks.train",
        "schedule": crontab(hour="2", minute="41"),
        "options": {"queue": "bulk", "expires": 6 * 3600},
    },
    "look_for_leaks": {
        "task": "leakcheck.tasks.look",
        "schedule": crontab(day_of_week="sun", hour="4", minute="43"),
        "options": {"queue": "bulk", "expires": 24 * 3600},
    },
    "digest": {
        "task": "reports.tasks.digest",
        "schedule": crontab(hour="6", minute="37"),
        "options": {"queue": "periodic", "expires": 6 * 3600},
    },
    "look_through": {
        "task": "reports.tasks.look_through",
        "schedule": crontab(hour="3", minute="17"),
        "options": {"queue": "periodic", "expires": 6 * 3600},
    },
}
