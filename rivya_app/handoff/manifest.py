"""What a package says of itself: manifest.json, manifest.csv and README.txt.

`written` makes the three texts from the rows once, when the package is built or its words change;
the package keeps them, so that the zip is the same whenever it is made. No secret goes in, and no
link of Rivya's.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, override

from rivya_app.core.csv_stream import safe_cell
from rivya_app.credits.statement import Amounts, spent_and_held
from rivya_app.gateway import catalogue
from rivya_app.generations.cards import params_of
from rivya_app.generations.models import Generation
from rivya_app.handoff import gate
from rivya_app.handoff.checks import Finding
from rivya_app.handoff.models import Override, Package, PackageItem, PackedFile
from rivya_app.reviews import checklist
from rivya_app.reviews.models import Decision

FORMAT = 1  # raised when a reader of older ones would misread it
JSON_NAME, CSV_NAME, README_NAME = "manifest.json", "manifest.csv", "README.txt"
# IPTC's term, as it is written into the pictures (tagging.py is for the process that cuts alone).
MADE_BY_A_MODEL = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
_MARK = "\ufeff"  # spreadsheets read UTF-8 only after it


def written(package: Package, items: Sequence[PackageItem]) -> dict[str, str]:
    """What is kept in `Package.manifest`: three texts by their names in the zip.

    As texts, because the database would sort the keys of a document. `items` as `access.items_of`
    gathers them.
    """
    document = {
        "format": FORMAT,
        "package": {
            "id": str(package.public_id),
            "title": package.title,
            "workspace": package.workspace.name,
            "campaign": package.campaign.name if package.campaign else "",
            "made_by": str(package.made_by),
            "made_at": _moment(package.created_at),
            "packed_at": _moment(package.built_at),
            "url": _address("handoff:show-package", package.public_id),
        },
        "items": _items(items),
    }
    return {
        JSON_NAME: _as_json(document),
        CSV_NAME: _as_csv(document),
        README_NAME: _readme(document),
    }


def document(package: Package) -> dict[str, Any]:
    """The content of manifest.json; empty where the package was never packed."""
    text = as_text(package)
    kept: dict[str, Any] = json.loads(text) if text else {}
    return kept


def as_text(package: Package) -> str:
    """manifest.json as it stands in the zip; "" where the package was never packed."""
    return str((package.manifest or {}).get(JSON_NAME, ""))


def texts(package: Package) -> list[tuple[str, bytes]]:
    """The names and bytes of the three files.

    Raises ValueError for a package that was never packed.
    """
    kept = package.manifest
    if not kept:
        raise ValueError("This package was never packed.")
    return [(name, kept[name].encode()) for name in (JSON_NAME, CSV_NAME, README_NAME)]


# --- From rows ------------------------------------------------------------------------------------


def _items(items: Sequence[PackageItem]) -> list[dict[str, Any]]:
    jobs = [item.review.generation for item in items]
    costs = spent_and_held(job.reference for job in jobs)
    models = {model_id: catalogue.name_of(model_id) for model_id in {job.model_id for job in jobs}}
    return [
        _item(item, models[job.model_id], costs.get(job.reference, Amounts()).spent)
        for item, job in zip(items, jobs, strict=True)
    ]


def _item(item: PackageItem, model_name: str, spent: Decimal) -> dict[str, Any]:
    job, brief = item.review.generation, item.brief
    return {
        "position": item.position,
        "brief": {
            "id": str(brief.public_id),
            "product": brief.product,
            "channel": brief.channel,
            "url": _address("briefs:show-brief", brief.public_id),
        },
        "seller": str(brief.created_by),
        "alt_text": item.alt_text,
        "caption": item.caption,
        "approved_sha256": item.sha256,
        "digital_source_type": MADE_BY_A_MODEL,
        "job": _job(job, model_name, spent),
        "approval": _approval(item.decision),
        "files": [_file(packed) for packed in item.packed.all() if packed.is_packed],
    }


def _job(job: Generation, model_name: str, spent: Decimal) -> dict[str, Any]:
    return {
        "id": str(job.public_id),
        "task_id": job.task_id,
        "model_id": job.model_id,
        "model": model_name,
        "prompt": json.loads(job.body).get("prompt") or "",
        "settings": params_of(job),
        "credits": str(spent),
    }


def _approval(decision: Decision) -> dict[str, Any]:
    answers = [_answer(entry) for entry in decision.checklist]
    return {
        "decision_id": str(decision.public_id),
        "approver": str(decision.member),
        "role": decision.role,
        "decided_at": _moment(decision.created_at),
        "note": decision.note,
        "checklist": answers,
        "rights": [answer for answer in answers if answer["code"] == "rights"],
    }


def _answer(entry: dict[str, Any]) -> dict[str, Any]:
    """One line of the checklist. English, like everything here that other systems read."""
    item = checklist.Item(
        code=str(entry.get("code", "")),
        text=str(entry.get("text", "")),
        is_required=bool(entry.get("is_required")),
    )
    with override("en"):
        text = checklist.words_of(item)
    return {
        "code": item.code,
        "text": text,
        "is_required": item.is_required,
        "is_ticked": bool(entry.get("is_ticked")),
    }


def _file(packed: PackedFile) -> dict[str, Any]:
    return {
        "name": packed.name,
        "preset": packed.preset,
        "sha256": packed.sha256,
        "size": packed.size,
        "width": packed.width,
        "height": packed.height,
        "mime_type": packed.mime_type,
        "has_ai_tag": packed.has_ai_tag,
        "box": packed.box,
        "checks": [_check(*found) for found in gate.findings_of(packed)],
    }


def _check(finding: Finding, answer: Override | None) -> dict[str, Any]:
    data = finding.as_data()
    if answer is None:
        return data
    given = {
        "by": str(answer.member),
        "reason": answer.reason,
        "at": _moment(answer.created_at),
        "sha256": answer.sha256,
    }
    return {**data, "override": given}


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None


def _address(route: str, public_id: object) -> str:
    """On this site, where people open it."""
    return f"{settings.SITE_URL}{reverse(route, args=[public_id])}"


# --- As files -------------------------------------------------------------------------------------


def _as_json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


_COLUMNS = (
    "file", "preset", "sha256", "size", "width", "height", "mime_type", "has_ai_tag",
    "checks_failed", "checks_warned", "overrides", "product", "brief_id", "brief_url", "alt_text",
    "caption", "seller", "approver", "decided_at", "decision_id", "decision_note", "rights",
    "model", "model_id", "task_id", "prompt", "settings", "credits", "digital_source_type",
    "approved_sha256", "package_id", "package_title",
)  # fmt: skip


def _as_csv(document: dict[str, Any]) -> str:
    """One row a file, in UTF-8 with its mark, safe to be opened by a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for item in document["items"]:
        for file in item["files"]:
            row = _row(document["package"], item, file)
            writer.writerow([safe_cell(row[column]) for column in _COLUMNS])
    return _MARK + out.getvalue()


def _row(package: dict[str, Any], item: dict[str, Any], file: dict[str, Any]) -> dict[str, Any]:
    plain = ("preset", "sha256", "size", "width", "height", "mime_type")
    job, approval = item["job"], item["approval"]
    return {
        **{name: file[name] for name in plain},
        "file": file["name"],
        "has_ai_tag": _yes_or_no(file["has_ai_tag"]),
        "checks_failed": _codes(file["checks"], "fail"),
        "checks_warned": _codes(file["checks"], "warn"),
        "overrides": "; ".join(_overrides(file["checks"])),
        "product": item["brief"]["product"],
        "brief_id": item["brief"]["id"],
        "brief_url": item["brief"]["url"],
        "alt_text": item["alt_text"],
        "caption": item["caption"],
        "seller": item["seller"],
        "approver": approval["approver"],
        "decided_at": approval["decided_at"],
        "decision_id": approval["decision_id"],
        "decision_note": approval["note"],
        "rights": "; ".join(
            f"{answer['text']}: {_yes_or_no(answer['is_ticked'])}" for answer in approval["rights"]
        ),
        **{name: job[name] for name in ("model", "model_id", "task_id", "prompt", "credits")},
        "settings": json.dumps(job["settings"], ensure_ascii=False, sort_keys=True),
        "digital_source_type": item["digital_source_type"],
        "approved_sha256": item["approved_sha256"],
        "package_id": package["id"],
        "package_title": package["title"],
    }


def _codes(checks: Iterable[dict[str, Any]], result: str) -> str:
    return "; ".join(check["code"] for check in checks if check["result"] == result)


def _overrides(checks: Iterable[dict[str, Any]]) -> list[str]:
    given = [(check["code"], check["override"]) for check in checks if "override" in check]
    return [f"{code}: {answer['by']}: {answer['reason']}" for code, answer in given]


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _readme(document: dict[str, Any]) -> str:
    """Short words on what is in it, in both languages: who opens the zip may read either."""
    parts = []
    for language in dict(settings.LANGUAGES):
        with override(language):
            parts.append(_readme_words(document))
    return "\r\n\r\n".join(part.replace("\n", "\r\n") for part in parts) + "\r\n"


def _readme_words(document: dict[str, Any]) -> str:
    package = document["package"]
    said = {
        "title": package["title"],
        "workspace": package["workspace"],
        "made_by": package["made_by"],
        "day": (package["packed_at"] or "")[:10],
    }
    lines = [
        gettext("%(title)s, packed by %(made_by)s of %(workspace)s on %(day)s") % said,
        gettext("originals: the approved files in full size. Other folders: cuts for channels."),
        gettext("manifest.json and manifest.csv: who made and approved what, every checksum."),
        gettext("Pictures marked “has_ai_tag” there say in their own data that a model made them."),
    ]
    return "\n\n".join(lines)
