"""A tap as one writes it with singer-python: two streams, one incremental with bookmarks, one told whole with versions.

Its configuration: ``book``, a file of {"clients": [...], "rates": [...]}.
"""

import json
import sys
from pathlib import Path

import singer
from singer import metadata
from singer.catalog import Catalog, CatalogEntry
from singer.schema import Schema

LOGGER = singer.get_logger()
KEYS = {"clients": "updated_at", "rates": None}
ARGS = singer.utils.parse_args(["book"])
BOOK = json.loads(Path(ARGS.config["book"]).read_text())


def discovered() -> Catalog:
    entries = []
    for name, replication_key in KEYS.items():
        properties = {
            "id": {"type": "string"}, "name": {"type": ["null", "string"]}, "amount": {"type": ["null", "number"]},
            "updated_at": {"type": ["null", "string"], "format": "date-time"},
        }  # fmt: skip
        schema = {"type": "object", "properties": properties}
        method = "INCREMENTAL" if replication_key else "FULL_TABLE"
        about = metadata.get_standard_metadata(schema, name, ["id"], [replication_key] if replication_key else None, method)
        entries.append(CatalogEntry(tap_stream_id=name, stream=name, key_properties=["id"], schema=Schema.from_dict(schema), metadata=about))
    return Catalog(entries)


def main() -> None:
    if ARGS.discover:
        discovered().dump()
        return
    state = ARGS.state
    for entry in ARGS.catalog.get_selected_streams(state):
        about = metadata.to_map(entry.metadata)
        replication_key = metadata.get(about, (), "replication-key") or KEYS[entry.tap_stream_id]
        since = singer.get_bookmark(state, entry.tap_stream_id, "updated_at") or ""
        version = None if replication_key else singer.utils.now().timestamp() * 1000 // 1
        singer.write_schema(entry.tap_stream_id, entry.schema.to_dict(), ["id"], [replication_key] if replication_key else None)
        for number, row in enumerate(sorted(BOOK[entry.tap_stream_id], key=lambda one: one.get("updated_at") or "")):
            if replication_key and row["updated_at"] < since:
                continue
            with singer.Transformer() as transformer:
                record = transformer.transform(row, entry.schema.to_dict(), about)
            if version:
                singer.write_message(singer.RecordMessage(entry.tap_stream_id, record, version=int(version)))
            else:
                singer.write_record(entry.tap_stream_id, record)
                state = singer.write_bookmark(state, entry.tap_stream_id, "updated_at", row["updated_at"])
            if number % 7 == 6:
                singer.write_state(state)
        if version:
            singer.write_version(entry.tap_stream_id, int(version))
        singer.write_state(state)
    LOGGER.info("done")


if __name__ == "__main__":
    try:
        main()
    except (KeyError, OSError, ValueError) as error:
        LOGGER.critical(error)
        sys.exit(1)
