"""What counts as proof that a webhook is Rivya's: both forms, rotation, time, and nothing else."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from rivya_app.rivya_api import errors, webhooks

NOW = datetime(2026, 5, 11, 12, 0, tzinfo=UTC)
STAMP = int(NOW.timestamp())
BODY = '{"id": "evt_1", "note": "चाय"}'.encode()


def _secret(filling: str) -> str:
    return "whsec_" + base64.b64encode(filling.encode() * 8).decode()


OLD, NEW, OTHER = _secret("old1"), _secret("new1"), _secret("else")


def _standard(
    secret: str = NEW, body: bytes = BODY, stamp: int = STAMP, event_id: str = "evt_1"
) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join([event_id.encode(), str(stamp).encode(), body])
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "Webhook-Id": event_id,
        "Webhook-Timestamp": str(stamp),
        "Webhook-Signature": f"v1,{digest}",
    }


def _hex(secret: str = NEW, body: bytes = BODY, stamp: int = STAMP) -> dict[str, str]:
    signed = str(stamp).encode() + b"." + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return {"Rivya-Signature": f"t={stamp},v1={digest}"}


FORMS = pytest.mark.parametrize("sign", [_standard, _hex])


def _refusal(headers: dict[str, str], body: bytes = BODY, **options: object) -> str:
    options.setdefault("secrets", [NEW])
    with pytest.raises(errors.SignatureRefused) as caught:
        webhooks.verify(headers, body, now=options.pop("now", NOW), **options)
    assert set(caught.value.header_names) == set(headers)
    assert not any(value in str(vars(caught.value)) for value in headers.values() if len(value) > 9)
    return caught.value.reason


def test_it_accepts_the_standard_form() -> None:
    proved = webhooks.verify(_standard(), BODY, [NEW], now=NOW)
    assert (proved.form, proved.event_id, proved.timestamp) == ("standard", "evt_1", NOW)


def test_it_accepts_the_hex_form() -> None:
    proved = webhooks.verify(_hex(), BODY, [NEW], now=NOW)
    assert (proved.form, proved.event_id, proved.timestamp) == ("hex", "", NOW)
    renamed = {"X-Sig": _hex()["Rivya-Signature"].upper().replace("T=", "t=").replace("V1", "v1")}
    assert webhooks.verify(renamed, BODY, [NEW], now=NOW, hex_header="x-sig").form == "hex"


@FORMS
def test_it_reads_header_names_in_any_case(sign) -> None:
    lowered = {name.lower(): value for name, value in sign().items()}
    assert webhooks.verify(lowered, BODY, [NEW], now=NOW)


@FORMS
def test_it_accepts_any_of_several_secrets(sign) -> None:
    assert webhooks.verify(sign(OLD), BODY, [NEW, OLD], now=NOW)
    assert _refusal(sign(OTHER), secrets=[NEW, OLD]) == "mismatch"


def test_it_accepts_any_of_several_signatures() -> None:
    wrong, right = _standard(OTHER), _standard()
    both = f"v1a,xxxx {wrong['Webhook-Signature']} {right['Webhook-Signature']}"
    assert webhooks.verify({**right, "Webhook-Signature": both}, BODY, [NEW], now=NOW)
    header = f"{_hex(OTHER)['Rivya-Signature']},{_hex()['Rivya-Signature'].partition(',')[2]},v0=x"
    assert webhooks.verify({"Rivya-Signature": header}, BODY, [NEW], now=NOW)


def test_it_accepts_one_good_form_beside_a_bad_one() -> None:
    assert webhooks.verify(_standard(OTHER) | _hex(), BODY, [NEW], now=NOW).form == "hex"


@FORMS
@pytest.mark.parametrize(
    ("seconds", "reason"), [(300, ""), (301, "stale"), (-300, ""), (-301, "future")]
)
def test_it_keeps_to_the_tolerance_both_ways(sign, seconds: int, reason: str) -> None:
    now = NOW + timedelta(seconds=seconds)
    if reason:
        assert _refusal(sign(), now=now) == reason
    else:
        assert webhooks.verify(sign(), BODY, [NEW], now=now)
    assert _refusal(sign(), now=NOW + timedelta(seconds=11), tolerance=10) == "stale"


@FORMS
def test_it_takes_the_present_for_now(sign) -> None:
    assert webhooks.verify(sign(stamp=int(datetime.now(UTC).timestamp())), BODY, [NEW])
    with pytest.raises(errors.SignatureRefused, match="stale"):
        webhooks.verify(sign(), BODY, [NEW])


@FORMS
def test_it_refuses_an_old_signature_under_a_new_time(sign) -> None:
    old = sign(stamp=STAMP - 1000)
    moved = {name: value.replace(str(STAMP - 1000), str(STAMP)) for name, value in old.items()}
    assert _refusal(moved) == "mismatch"


def test_it_refuses_another_event_id() -> None:
    assert _refusal({**_standard(), "Webhook-Id": "evt_2"}) == "mismatch"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer rvya"},
        {"X-Signature": _hex()["Rivya-Signature"]},
        {"Rivya-Signature": ""},
        {"Webhook-Id": "evt_1", "Webhook-Timestamp": str(STAMP)},
    ],
)
def test_it_refuses_what_is_not_signed(headers: dict[str, str]) -> None:
    assert _refusal(headers) == "no_signature"


@pytest.mark.parametrize(
    "changes",
    [
        {"Webhook-Id": ""},
        {"Webhook-Id": "a\nb"},
        {"Webhook-Id": "x" * 300},
        {"Webhook-Timestamp": ""},
        {"Webhook-Timestamp": "now"},
        {"Webhook-Timestamp": f"{STAMP}.0"},
        {"Webhook-Timestamp": f" {STAMP}"},
        {"Webhook-Timestamp": f"-{STAMP}"},
        {"Webhook-Timestamp": "9" * 40},
        {"Webhook-Timestamp": "१७७८५००८००"},
        {"Webhook-Signature": "v1"},
        {"Webhook-Signature": "v1,"},
        {"Webhook-Signature": "v1,%%%"},
        {"Webhook-Signature": "v1,ünïcode"},
        {"Webhook-Signature": "v2," + _standard()["Webhook-Signature"][3:]},
        {"Webhook-Signature": _standard()["Webhook-Signature"][3:]},
        {"Webhook-Signature": "v1,AAAA " * 10 + _standard()["Webhook-Signature"] + ",x"},
    ],
    ids=str,
)
def test_it_refuses_a_malformed_standard_form(changes: dict[str, str]) -> None:
    assert _refusal(_standard() | changes) in ("malformed", "mismatch")


_DIGEST = _hex()["Rivya-Signature"].partition(",v1=")[2]


@pytest.mark.parametrize(
    "header",
    [
        "t",
        "v1=" + _DIGEST,
        f"t={STAMP}",
        f"t={STAMP},t={STAMP},v1={_DIGEST}",
        f"t={STAMP},v1={_DIGEST[:-2]}",
        f"t={STAMP},v1={_DIGEST[:-1]}g",
        f"t={STAMP},v0={_DIGEST}",
        f"t=x{STAMP},v1={_DIGEST}",
        f"t={STAMP};v1={_DIGEST}",
        f"t={STAMP},v1=ü",
        "," * 10_000,
    ],
)
def test_it_refuses_a_malformed_hex_form(header: str) -> None:
    assert _refusal({"Rivya-Signature": header}) == "malformed"


@FORMS
def test_it_refuses_everything_without_a_usable_secret(sign) -> None:
    assert _refusal(sign(), secrets=[]) == "no_secret"
    for useless in ("", "whsec_", "whsec_AAAA", "short"):
        forged = sign(useless) if sign is _hex else sign("whsec_" + useless[6:])
        assert _refusal(forged, secrets=[useless]) == "mismatch"
    assert _refusal(sign(), secrets=["whsec_not/base64!"]) == "mismatch"
    spoiled = NEW[:12] + "!" + NEW[12:]  # no base64, though a lenient reader makes NEW of it
    assert _refusal(sign(), secrets=[spoiled]) == "mismatch"


def test_it_refuses_a_standard_body_that_is_no_text() -> None:
    assert _refusal(_standard(body=b"\xff\xfe"), body=b"\xff\xfe") == "mismatch"
    assert webhooks.verify(_hex(body=b"\xff\xfe"), b"\xff\xfe", [NEW], now=NOW)


@given(
    st.binary(min_size=16, max_size=64),
    st.text(),
    st.from_regex(r"[a-z_0-9.]{1,30}", fullmatch=True),
)
def test_it_agrees_with_the_library(key: bytes, text: str, event_id: str) -> None:
    body = text.encode("utf-8", "replace")
    secret = "whsec_" + base64.b64encode(key).decode().rstrip("=")
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "e" + event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("e" + event_id, now, body.decode()),
    }
    Webhook(secret).verify(body, headers, json_parse=False)
    assert webhooks.verify(headers, body, [secret]).event_id == "e" + event_id


@given(
    st.sampled_from([_standard, _hex]), st.binary(max_size=200), st.integers(0), st.integers(1, 255)
)
def test_it_notices_any_changed_byte(sign, body: bytes, place: int, change: int) -> None:
    body = b"{" + body.decode("utf-8", "ignore").encode() + b"}"
    headers = sign(body=body)
    assert webhooks.verify(headers, body, [NEW], now=NOW)
    place %= len(body)
    changed = body[:place] + bytes([body[place] ^ change]) + body[place + 1 :]
    for other in (changed, body + b" ", body[:-1]):
        assert _refusal(headers, other) == "mismatch"


@given(
    st.dictionaries(
        st.sampled_from(
            ["webhook-id", "webhook-timestamp", "webhook-signature", "rivya-signature"]
        ),
        st.text(max_size=80) | st.sampled_from([f"t={STAMP},v1={'0' * 64}", str(STAMP), "v1,AAAA"]),
    ),
    st.binary(max_size=50),
)
def test_it_refuses_any_other_headers_and_never_crashes(
    headers: dict[str, str], body: bytes
) -> None:
    with pytest.raises(errors.SignatureRefused):
        webhooks.verify(headers, body, [NEW, "whsec_%"], now=NOW)
