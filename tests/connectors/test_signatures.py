"""Webhook signatures, checked against the reference library of Standard Webhooks."""

from __future__ import annotations

import hashlib
import hmac
import time
from datetime import UTC, datetime
from functools import partial

import pytest
from standardwebhooks import Webhook

from connectors.errors import SignatureError
from connectors.signatures import Signature

SECRET = "whsec_bm9ydGhiZWFtLWNybS13ZWJob29rLXNlY3JldA=="
OTHER = "whsec_b3RoZXItc2VjcmV0LW9mLTI0LWJ5dGVzLQ=="
BODY = b'{"type":"account.updated","data":{"id":"1"}}'


def test_what_the_reference_library_signs_is_taken() -> None:
    now = datetime.now(UTC)
    headers = {
        "Webhook-Id": "msg_1", "Webhook-Timestamp": str(int(now.timestamp())),
        "Webhook-Signature": Webhook(SECRET).sign("msg_1", now, BODY.decode()),
    }  # fmt: skip
    assert Signature("standard-webhooks", (SECRET,)).verify(headers, BODY) == "msg_1"


def test_what_we_sign_is_taken_by_the_reference_library() -> None:
    headers = Signature("standard-webhooks", (SECRET,)).sign(BODY, "msg_2", int(time.time()))
    assert Webhook(SECRET).verify(BODY, headers) == {"type": "account.updated", "data": {"id": "1"}}


def test_either_secret_is_good_while_the_key_is_changed() -> None:
    headers = Signature("standard-webhooks", (OTHER,)).sign(BODY, "msg_3", int(time.time()))
    assert Signature("standard-webhooks", (SECRET, OTHER)).verify(headers, BODY) == "msg_3"
    with pytest.raises(SignatureError):
        Signature("standard-webhooks", (SECRET,)).verify(headers, BODY)


@pytest.mark.parametrize("shift_s", [-301, 301])
def test_a_timestamp_far_from_our_clock_is_refused(shift_s: int) -> None:
    signature = Signature("standard-webhooks", (SECRET,))
    headers = signature.sign(BODY, "msg_4", 1_800_000_000)
    with pytest.raises(SignatureError, match="timestamp"):
        signature.verify(headers, BODY, now=lambda: 1_800_000_000 + shift_s)


@pytest.mark.parametrize(
    "signature",
    [
        Signature("hmac-sha256", ("s",), header="X-Sig", prefix="sha256="),
        Signature("hmac-sha256", ("s",), header="X-Sig", encoding="base64"),
        Signature("token", ("s",), header="Authorization", prefix="Bearer "),
        Signature("hmac-sha1", ("s",), header="X-Hook-Signature", prefix="sha1=", encoding="base64"),
        Signature("hmac-sha256", ("s",), header="x-content-signature", encoding="base64", secret_is="sha256"),
        Signature("hmac-sha256", ("c2VjcmV0",), encoding="base64", secret_is="base64"),
    ],
)
def test_header_schemes_take_what_they_sign_and_nothing_else(signature: Signature) -> None:
    headers = signature.sign(BODY, "", 0)
    signature.verify({name.upper(): value for name, value in headers.items()}, BODY)
    for bad in ({}, {name: value + "0" for name, value in headers.items()}, {name: "ä" for name in headers}):
        with pytest.raises(SignatureError):
            signature.verify(bad, BODY)
    if signature.scheme != "token":
        with pytest.raises(SignatureError):
            signature.verify(headers, BODY + b" ")


@pytest.mark.parametrize("signature", [Signature("none"), Signature("hmac-sha256"), Signature("standard-webhooks", ("whsec_!!!",))])
def test_without_a_usable_secret_nothing_is_taken(signature: Signature) -> None:
    headers = {"webhook-id": "1", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,x", "x-signature": ""}
    with pytest.raises(SignatureError):
        signature.verify(headers, BODY)


def test_a_signature_does_not_show_its_secret() -> None:
    assert SECRET not in repr(Signature("standard-webhooks", (SECRET,)))


STAMPED = Signature(
    "hmac-sha256", ("s",), header="x-sig", prefix="v0=", signed="v0:{timestamp}:{id}:{body}", id_header="x-id", timestamp_header="x-at"
)


def test_a_signed_timestamp_and_id_are_held_to_and_the_id_is_told() -> None:
    headers = STAMPED.sign(BODY, "{body}{timestamp}", 1_800_000_000)
    made = hmac.new(b"s", b"v0:1800000000:{body}{timestamp}:" + BODY, hashlib.sha256).hexdigest()
    assert headers == {"x-sig": f"v0={made}", "x-id": "{body}{timestamp}", "x-at": "1800000000"}
    assert STAMPED.verify(headers, BODY, now=lambda: 1_800_000_300) == "{body}{timestamp}"
    for late in (1_800_000_301.0, 1_799_999_699.0):
        with pytest.raises(SignatureError, match="timestamp"):
            STAMPED.verify(headers, BODY, now=partial(float, late))
    for changed in ({"x-at": "1800000001"}, {"x-id": "other"}, {"x-at": ""}, {"x-at": "१८"}, {"x-id": ""}, {"x-at": "9" * 5000}):
        with pytest.raises(SignatureError):
            STAMPED.verify(headers | changed, BODY, now=lambda: 1_800_000_000)


def test_milliseconds_are_taken_for_what_they_are() -> None:
    signature = Signature("hmac-sha256", ("s",), signed="{timestamp}{body}", timestamp_header="x-at")
    headers = signature.sign(BODY, "", 1_800_000_000_000)
    assert signature.verify(headers, BODY, now=lambda: 1_800_000_100) == ""
