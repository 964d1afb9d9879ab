"""A GET of an API, signed with a key of the account and sent to the emulated AWS: signed_get.py ENDPOINT HOST PATH KEY SECRET REGION."""

from __future__ import annotations

import http.client
import sys
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

endpoint, host, path, key, secret, region = sys.argv[1:]
request = AWSRequest("GET", f"https://{host}{path}")
SigV4Auth(Credentials(key, secret), "execute-api", region).add_auth(request)
connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=20)
connection.request("GET", path, headers={"Host": host, **dict(request.headers.items())})
print(connection.getresponse().status)
