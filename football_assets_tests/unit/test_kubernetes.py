"""The Helm values: only keys that Dagster's chart has, an instance that Dagster accepts, settings that exist."""

import re
from importlib import import_module
from importlib.util import find_spec

import pytest
import yaml
from dagster import DagsterInstance
from dagster._config import validate_config

from football_assets.config import _variables, load_settings, project_root
from football_assets.errors import ConfigError
from football_assets.operations.assets.run_launcher import SpreadRunLauncher
from football_assets.operations.assets.run_queue import PromptRunCoordinator
from football_assets.operations.assets.workers import step_executor
from football_assets.operations.memory import FEW_ARENAS

FOLDER = project_root() / "deploy" / "kubernetes"
VALUES = yaml.safe_load((FOLDER / "values.yaml").read_text(encoding="utf-8"))
PLATFORM = list(yaml.safe_load_all((FOLDER / "platform.yaml").read_text(encoding="utf-8")))
RETENTION = {name: about for name, about in VALUES["retention"].items() if name != "enabled"}
OURS = yaml.safe_load((project_root() / "dagster.yaml").read_text(encoding="utf-8"))
PROMPT_TAG = OURS["run_coordinator"]["config"]["prompt_tag"]

# The keys of the chart's values schema, version 1.13; a key it does not know is ignored or refused.
POD = {"envConfigMaps", "envSecrets", "nodeSelector", "affinity", "tolerations", "podSecurityContext"} | {
    *("securityContext", "resources", "annotations", "labels", "volumes", "volumeMounts", "schedulerName"),
    *("livenessProbe", "readinessProbe", "startupProbe", "image", "env"),
}
CHART = {
    "fullnameOverride": set(),
    "serviceAccount": {"create", "name", "annotations"},
    "runLauncher": {"type", "config"},
    "dagsterDaemon": POD
    | {"enabled", "runCoordinator", "heartbeatTolerance", "deploymentLabels", "runMonitoring", "runRetries"}
    | {"sensors", "schedules"},
    "dagsterWebserver": POD
    | {"replicaCount", "nameOverride", "service", "workspace", "deploymentLabels", "enableReadOnly", "logLevel"}
    | {"dbStatementTimeout", "dbPoolRecycle", "pathPrefix"},
    "dagster-user-deployments": {"enabled", "enableSubchart", "imagePullSecrets", "deployments"},
    "postgresql": {"enabled", "image", "postgresqlHost", "postgresqlUsername", "postgresqlPassword"}
    | {"postgresqlDatabase", "postgresqlParams", "postgresqlScheme", "service"},
    "generatePostgresqlPasswordSecret": set(),
    "additionalInstanceConfig": {"concurrency", "run_monitoring"},
    "retention": {"enabled", "schedule", "sensor", "autoMaterialize"},
    "telemetry": {"enabled"},
}
CODE = POD | {"name", "dagsterApiGrpcArgs", "codeServerArgs", "includeConfigInLaunchedRuns", "port"}


def test_every_key_is_one_of_the_charts():
    assert VALUES.keys() <= CHART.keys()
    for name, known in CHART.items():
        if known:
            assert VALUES[name].keys() <= known, name
    (code,) = VALUES["dagster-user-deployments"]["deployments"]
    assert code.keys() <= CODE
    assert FEW_ARENAS.items() <= code["env"].items()
    assert find_spec(code["codeServerArgs"][code["codeServerArgs"].index("-m") + 1])


def custom(of, kind):
    """A class that the values name, as the chart writes it into dagster.yaml."""
    assert of["type"] == f"Custom{kind}"
    return of["config"][f"custom{kind}"]


def test_dagster_accepts_the_instance_and_it_is_that_of_one_machine(tmp_path):
    daemon, more = VALUES["dagsterDaemon"], VALUES["additionalInstanceConfig"]
    assert not daemon["runMonitoring"]["enabled"], "the chart would write the section twice"
    config = {"run_coordinator": custom(daemon["runCoordinator"], "RunCoordinator"), **more}
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    with DagsterInstance.from_config(str(tmp_path)) as instance:
        assert isinstance(instance.run_coordinator, PromptRunCoordinator)
        assert instance.run_monitoring_enabled
        limits = instance.get_concurrency_config().run_queue_config
        assert limits is not None and limits.max_concurrent_runs == 10
    for name in ("concurrency", "run_monitoring", "run_coordinator"):
        assert config[name] == OURS[name], name
    kept = {name: {"purge_after_days": about["purgeAfterDays"]} for name, about in RETENTION.items()}
    assert kept == {name: OURS["retention"][name] for name in kept}


def test_the_launcher_is_ours_and_its_engine_that_of_dagster():
    launcher = custom(VALUES["runLauncher"], "RunLauncher")
    assert (launcher["module"], launcher["class"]) == (SpreadRunLauncher.__module__, SpreadRunLauncher.__name__)
    found = validate_config(SpreadRunLauncher.config_type(), launcher["config"])
    assert found.success, found.errors
    assert launcher["config"]["local_tag"] == PROMPT_TAG
    engine = launcher["config"]["engine"]
    name = VALUES["fullnameOverride"]
    assert engine["config"]["instance_config_map"] == f"{name}-instance"
    assert engine["config"]["service_account_name"] == VALUES["serviceAccount"]["name"]
    assert not validate_config(SpreadRunLauncher.config_type(), {**launcher["config"], "local": 1}).success


def test_the_engine_of_kubernetes_accepts_its_settings():
    if find_spec("dagster_k8s") is None:
        pytest.skip("dagster-k8s is not installed (extra k8s): its own check of the launcher's settings is NOT made")
    engine = custom(VALUES["runLauncher"], "RunLauncher")["config"]["engine"]
    launcher = getattr(import_module(engine["module"]), engine["class"])
    found = validate_config(launcher.config_type(), engine["config"])
    assert found.success, found.errors


def test_every_variable_is_a_setting_and_no_secret_is_written_down():
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.iterdir()]
    named = {name for text in texts for name in re.findall(r"\bFOOTBALL_[A-Z_0-9]+\b", text)}
    assert {"FOOTBALL_HOME", "FOOTBALL_SCALING__EXECUTOR"} <= named <= set(_variables())
    for text in texts:
        assert not re.search(r"(password|secret|key)\w*:\s*[\"']?\w*[0-9]\w*", text, re.IGNORECASE)
        assert "postgresqlPassword" not in text
    for name in ("dagsterDaemon", "dagsterWebserver"):
        assert VALUES[name]["envSecrets"] == [{"name": "football-env"}]


def test_no_process_has_a_right_and_the_redis_forgets_only_what_may_go():
    pods = [each["spec"]["template"]["spec"] for each in PLATFORM if each["kind"] == "Deployment"]
    assert len(pods) == 2
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"]
        for container in pod["containers"]:
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert not container["securityContext"]["allowPrivilegeEscalation"]
    (redis,) = (pod["containers"][0] for pod in pods if "redis" in pod["containers"][0]["image"])
    assert redis["args"][redis["args"].index("--maxmemory-policy") + 1] == "volatile-lru"
    claims = {each["metadata"]["name"] for each in PLATFORM if each["kind"] == "PersistentVolumeClaim"}
    wanted = {
        volume["persistentVolumeClaim"]["claimName"]
        for volume in VALUES["dagsterDaemon"]["volumes"]
        if "persistentVolumeClaim" in volume
    }
    assert wanted == claims


def test_the_executor_of_kubernetes_is_taken_as_configured_or_named_as_missing(monkeypatch):
    monkeypatch.setenv("FOOTBALL_SCALING__EXECUTOR", "k8s")
    monkeypatch.setenv("FOOTBALL_REDIS_URL", "redis://127.0.0.1:1/0")
    if find_spec("dagster_k8s") is None:
        with pytest.raises(ConfigError, match=r"football-assets\[k8s\]"):
            step_executor(load_settings())
        return
    assert step_executor(load_settings()).name == "k8s"


def test_the_executors_are_chosen_by_one_setting(monkeypatch):
    assert step_executor(load_settings()).name == "in_process"
    monkeypatch.setenv("FOOTBALL_SCALING__EXECUTOR", "celery")
    with pytest.raises(ConfigError, match="FOOTBALL_REDIS_URL"):
        load_settings()
    monkeypatch.setenv("FOOTBALL_REDIS_URL", "redis://:pass-word@127.0.0.1:1/0")
    made = step_executor(load_settings())
    assert made.name == "celery" and "pass-word" not in str(made.config_schema)


def test_a_lake_url_is_an_object_store_without_credentials(monkeypatch):
    for wrong in ("/data/lake", "file:///data", "s3://user:key@bucket", "s3://", "s3://bucket?key=x"):
        monkeypatch.setenv("FOOTBALL_LAKE_URL", wrong)
        with pytest.raises(ConfigError, match="lake_url") as told:
            load_settings()
        assert "user:key" not in str(told.value)
    monkeypatch.setenv("FOOTBALL_LAKE_URL", "s3://bucket/folder")
    assert load_settings().is_spread and load_settings().shared_url is None
