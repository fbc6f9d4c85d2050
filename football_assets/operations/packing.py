"""Dagster's serialized records kept small in SQLite: one has 1 to 5 KB, of which nearly all is the same in the next.

A text that begins like a serialized object is written as `z1:` and the compressed rest; every text that is read back
and begins so is made whole again. The preset dictionary belongs to the mark: another one needs another mark.
"""

import base64
import sqlite3
import zlib
from typing import Any

import sqlalchemy as sa

MARK = b"z1:"
BEGINS = '{"__class__": "'
SHORTEST = 300

_DICTIONARY = b"""\
{"__class__": "PipelineRun", "asset_check_selection": null, "asset_selection": null, "execution_plan_snapshot_
id": "{"__class__": "TickData", "cursor": null, "run_ids": [], "run_keys": [], "selector_id": "skip_reason": n
ull, "status": {"__enum__": "TickStatus.SUCCESS"}, "tick_id": "timestamp": {"__class__": "EventLogEntry", "dag
ster_event": {"__class__": "DagsterEvent", "event_specific_data": {"__class__": "EngineEventData", "marker_end
": null, "marker_start": null, "metadata_entries": []}, "event_specific_data": {"__class__": "AssetMaterializa
tionPlannedData", "asset_key": {"__class__": "AssetKey", "path": ["soccer", "match_board"]}, "partition": null
, "partitions_subset": null}, "event_type_value": "ASSET_MATERIALIZATION_PLANNED", "logging_tags": {}, "messag
e": "live_cycle intends to materialize asset [\\"soccer\\", \\"intends to execute asset check schema on asset
 "pid": null, "pipeline_name": "live_cycle", "solid_handle": null, "step_handle": null, "event_specific_data":
 {"__class__": "StepMaterializationData", "asset_lineage": [], "materialization": {"__class__": "AssetMaterial
ization", "asset_key": {"__class__": "AssetKey", "path": ["warehouse", "description": null, "metadata_entries"
: [{"__class__": "EventMetadataEntry", "description": null, "entry_data": {"__class__": "TextMetadataEntryData
", "text": "0}, "label": "{"__class__": "EventMetadataEntry", "description": null, "entry_data": {"__class__":
 "JsonMetadataEntryData","data": {}, "label": "{"__class__": "EventMetadataEntry", "description": null, "entry
_data": {"__class__": "IntMetadataEntryData", "value": 0}, "label": "dagster/row_count"}, {"__class__": "Event
MetadataEntry", "description": null, "entry_data": {"__class__": "FloatMetadataEntryData", "value": 0.0}, "lab
el": "checks_s"}], "partition": null, "tags": {"dagster/code_version": "dagster/data_version": "dagster/input_
data_version/soccer/live_matches": "dagster/input_event_pointer/soccer/flattened_matches": "enriched_matches",
 "event_type_value": "ASSET_MATERIALIZATION", "event_specific_data": {"__class__": "AssetCheckEvaluation", "as
set_key": {"__class__": "AssetKey", "path": ["soccer", "flattened_matches"]}, "blocking": true, "check_name":
 "schema", "description": " rows fit soccer_", "metadata": {"rows": {"__class__": "IntMetadataEntryData", "val
ue": 49}}, "partition": null, "severity": {"__enum__": "AssetCheckSeverity.ERROR"}, "success": true, "target_m
aterialization_data": {"__class__": "AssetCheckEvaluationTargetMaterializationData", "run_id": "storage_id": "
timestamp": 17}}, "event_type_value": "ASSET_CHECK_EVALUATION", "logging_tags": {"job_name": "live_cycle", "op
_name": "match_tables", "resource_fn_name": "None", "resource_name": "None", "run_id": "step_key": "match_tabl
es"}, "message": "Asset check 'schema' on 'soccer/passed. Description: '", "pid": 1, "pipeline_name": "live_cy
cle", "solid_handle": {"__class__": "SolidHandle", "name": "match_tables", "parent": null}, "step_handle": {"_
_class__": "StepHandle", "key": "match_tables", "solid_handle": {"__class__": "SolidHandle", "name": "match_ta
bles", "parent": null}}, "step_key": "match_tables", "step_kind_value": "COMPUTE"}, "error_info": null, "level
": 10, "message": "", "pipeline_name": "live_cycle", "run_id": "step_key": "timestamp": 17, "user_message": ""
}""".replace(b"\n", b"")


def pack(text: str) -> str:
    """The text as it is stored: shorter when it is a serialized object of some length."""
    if len(text) < SHORTEST or not text.startswith(BEGINS):
        return text
    squeeze = zlib.compressobj(level=9, zdict=_DICTIONARY)
    return (MARK + base64.b85encode(squeeze.compress(text.encode()) + squeeze.flush())).decode()


def unpack(stored: bytes) -> str:
    """What was packed."""
    if not stored.startswith(MARK):
        return stored.decode()
    return zlib.decompressobj(zdict=_DICTIONARY).decompress(base64.b85decode(stored[len(MARK) :])).decode()


def pack_texts(engine: sa.Engine) -> None:
    """Let everything that goes through an engine be packed on its way in and unpacked on its way out."""
    sa.event.listen(engine, "connect", _unpack_on_reading)
    sa.event.listen(engine, "before_cursor_execute", _pack_on_writing, retval=True)


def _unpack_on_reading(connection: sqlite3.Connection, _record: Any) -> None:
    connection.text_factory = unpack


def _pack_on_writing(
    _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, executemany: bool
) -> tuple[str, Any]:
    rows = [_packed(row) for row in parameters] if executemany else _packed(parameters)
    return statement, rows


def _packed(row: Any) -> Any:
    if isinstance(row, dict):
        return {name: pack(value) if isinstance(value, str) else value for name, value in row.items()}
    return tuple(pack(value) if isinstance(value, str) else value for value in row)
