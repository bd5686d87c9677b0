"""TLS with a certificate of our own, for systems that ask who calls before a word is said."""

from __future__ import annotations

import os
import ssl
import tempfile

from connectors.errors import ConfigurationError


def client_tls(certificate: tuple[str, str] | None) -> ssl.SSLContext | None:
    """TLS with a client certificate. Raises ConfigurationError when it is none, or its key another's."""
    if certificate is None:
        return None
    context = ssl.create_default_context()
    handle, path = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write("\n".join(certificate))
        context.load_cert_chain(path)
    except (ssl.SSLError, OSError, UnicodeEncodeError) as error:
        raise ConfigurationError("auth.certificate: expected a certificate and its private_key in PEM form") from error
    finally:
        os.unlink(path)
    return context
