"""What a Celery worker does for us: `celery -A football_assets.operations.assets.celery_app worker`.

Dagster's own tasks, a step or a run each. The library has no types.
"""

from importlib import import_module
from typing import Any

from football_assets.config import load_settings
from football_assets.errors import ConfigError
from football_assets.operations.assets.workers import CELERY_SOURCE

_redis = load_settings().redis_url
if _redis is None:
    raise ConfigError("redis_url", value=None, allowed="the Redis of the queue", origin="FOOTBALL_REDIS_URL")
_url = _redis.get_secret_value()
_tasks: Any = import_module("dagster_celery.tasks")
_executor: Any = import_module("dagster_celery.executor").CeleryExecutor
_about = _executor.for_cli(broker=_url, backend=_url, config_source=CELERY_SOURCE).app_args()
app: Any = import_module("dagster_celery.make_app").make_app(_about)
TASKS = [_tasks.create_task(app), _tasks.create_execute_job_task(app), _tasks.create_resume_job_task(app)]
