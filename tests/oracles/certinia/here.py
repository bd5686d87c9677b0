"""Both libraries insist on https and a Salesforce host; whoever imports this has their requests go to the address of the first argument."""

import sys
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter

ADDRESS = sys.argv[1]
sent = HTTPAdapter.send


def send(self, request, **more):
    there = urlsplit(request.url)
    request.url = ADDRESS + there.path + ("?" + there.query if there.query else "")
    return sent(self, request, **more)


HTTPAdapter.send = send
