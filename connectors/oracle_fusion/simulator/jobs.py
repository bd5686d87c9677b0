"""``erpintegrations``: files taken for import, scheduled processes with their states, logs and outputs to fetch."""

from __future__ import annotations

import base64
import binascii
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from connectors.simulator.base import answer
from connectors.simulator.rules import Refusal
from connectors.wire import parse_json

if TYPE_CHECKING:
    from connectors.oracle_fusion.simulator.server import Fusion

KNOWN = (
    "/oracle/apps/ess/financials/generalLedger/programs/common,JournalImportLauncher",
    "/oracle/apps/ess/financials/receivables/transactions/autoInvoices,AutoInvoiceImportEss",
    "/oracle/apps/ess/projects/costing/transactions/onestop,ImportProcessParallelEssJob",
    "/oracle/apps/ess/financials/commonModules/shared/common/interfaceLoader,InterfaceLoaderController",
)
COURSE = ("WAIT", "RUNNING", "PAUSED", "SUCCEEDED")


@dataclass
class Job:
    """One request of a scheduled process; it is one state further with each question."""

    id: int
    name: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    at: int = 0
    end: str = "SUCCEEDED"

    def state(self) -> str:
        state = (*COURSE[:-1], self.end)[min(self.at, len(COURSE) - 1)]
        self.at += 1
        return state


@dataclass
class Jobs:
    """The jobs of one pod."""

    server: Fusion
    jobs: dict[str, Job] = field(default_factory=dict)
    documents: dict[str, tuple[str, str]] = field(default_factory=dict)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            return self._asked(request.query.get("finder", ""))
        given = parse_json(await request.read())
        match given.get("OperationName"):
            case "importBulkData":
                return self._imported(given)
            case "submitESSJobRequest":
                return self._begun(f"{given.get('JobPackageName')},{given.get('JobDefName')}", {}, given)
            case "uploadFileToUCM":
                number = str(len(self.documents) + 1000)
                self.documents[number] = (str(given.get("FileName")), str(given.get("DocumentContent")))
                return answer({**_echo(given), "DocumentId": number}, 201)
            case "getDocumentForDocumentId":
                name, content = self.documents.get(str(given.get("DocumentId")), ("", ""))
                return answer({**_echo(given), "DocumentContent": content or None, "FileName": name or None, "ContentType": "zip"}, 201)
            case "downloadESSJobExecutionDetails":
                job = self.jobs.get(str(given.get("ReqstId")))
                return answer({**_echo(given), "ReqstId": given.get("ReqstId"), "DocumentContent": _log(job) if job else None}, 201)
            case "exportBulkData":
                return self._begun(str(given.get("JobName")), {}, given)
        return self.server.error(Refusal("FUN-720397", "/OperationName", "The operation isn't known. (FUN-720397)"))

    def _imported(self, given: Mapping[str, Any]) -> web.Response:
        try:
            files = _unzipped(base64.b64decode(str(given.get("DocumentContent")), validate=True))
        except (ValueError, binascii.Error, zipfile.BadZipFile):
            return self.server.error(Refusal("FUN-720398", "/DocumentContent", "The document isn't a zip file. (FUN-720398)"))
        return self._begun(str(given.get("JobName")), files, given)

    def _begun(self, name: str, files: Mapping[str, bytes], given: Mapping[str, Any]) -> web.Response:
        """A job that is not known is refused with a good status: only its number tells."""
        if name not in KNOWN:
            return answer({**_echo(given), "ReqstId": "-1"})
        job = Job(self.server.pod.next_id() % 10_000_000, name, files, end="ERROR" if any(not content.strip() for content in files.values()) else "SUCCEEDED")
        self.jobs[str(job.id)] = job
        return answer({**_echo(given), "ReqstId": str(job.id)}, 201)

    def _asked(self, finder: str) -> web.Response:
        name, _, told = finder.partition(";")
        wanted = dict(one.split("=", 1) for one in told.split(",") if "=" in one)
        if name == "DocumentIdsByFilePrefixRF":
            found = [{"DocumentId": number} for number, (file, _) in self.documents.items() if file.startswith(wanted.get("prefix", "\0"))]
            return answer({"items": found, "count": len(found), "hasMore": False, "limit": 25, "offset": 0, "links": []})
        job = self.jobs.get(wanted.get("requestId", ""))
        state = job.state() if job is not None else ""
        if name == "ESSExecutionDetailsRF":
            shown = json.dumps({"JOBS": {"JOBNAME": job.name, "REQUESTID": str(job.id), "STATUS": state}}) if job is not None else None
        elif name == "ESSJobStatusRF":
            shown = state
        else:
            return self.server.error(Refusal("", "", f"The finder {name} isn't known."))
        items: list[dict[str, Any]] = [{"OperationName": None, "RequestStatus": shown, "links": []}]
        return answer({"items": items, "count": 1, "hasMore": False, "limit": 25, "offset": 0, "links": []})


def _echo(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given.get(name) for name in ("OperationName", "DocumentId", "ContentType", "FileName", "DocumentAccount", "JobName", "ParameterList")}


def _unzipped(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _log(job: Job) -> str:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"{job.id}.log", f"{job.name}\n{', '.join(sorted(job.files)) or 'no files'}\n{job.end}\n")
    return base64.b64encode(out.getvalue()).decode()
