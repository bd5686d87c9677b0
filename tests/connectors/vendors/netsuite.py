"""Customers of a NetSuite account."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from connectors.netsuite.simulator.server import Netsuite
from connectors.netsuite.simulator.signing import CERTIFICATE_ID, CLIENT_ID
from connectors.shipped import extended
from tests.connectors.simulated import SimulatedSubject

BESIDE_THE_POINT = {
    "a_signed_webhook_is_taken_and_is_the_message_of_the_poll",  # it sends none; what a script in the account sends names no version
    "a_webhook_that_is_not_signed_for_its_body_is_refused",
}
_KEY = ec.generate_private_key(ec.SECP256R1())
PRIVATE = _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = _KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class NetsuiteSubject(SimulatedSubject):
    """Customers of an account, asked with tokens for a certificate. It says nothing of how long to wait when it was asked too often."""

    def document(self, *, is_wrong: bool = False) -> dict[str, Any]:
        auth = {"client_id": "nobody" if is_wrong else CLIENT_ID, "certificate_id": CERTIFICATE_ID, "private_key": PRIVATE, "algorithm": "ES256"}
        own = {"system": "erp", "account": "123456_SB1", "base_url": self.running.url, "time_zone": "Europe/Berlin", "auth": auth, "page_size": 100}
        return extended({"extends": "netsuite", **own})

    def version(self, id: str) -> str:
        stamp: str = self.running.store.rows[self.object][id].fields["lastModifiedDate"]
        return stamp.replace("Z", ".000000Z")


async def subject(object: str = "customer", entity: str = "client") -> NetsuiteSubject:
    running = Netsuite()
    running.signing.certificates[CERTIFICATE_ID] = PUBLIC
    await running.start()
    plain = {"subsidiary": {"id": "2"}}
    return NetsuiteSubject(running, object, entity, "companyName", plain, ("companyName",), ({**plain, "phone": "1"}, "companyName"), tells_how_long=False)
