"""What a user of paramiko does with a drop folder: uploads as .part and renames, marks, takes what was written and moves it away."""

import base64
import hashlib
import io
import json
import sys

import paramiko

HOST, PORT, USER, PASSWORD, HOST_KEY, STEP = sys.argv[1:]

client = paramiko.SSHClient()
kind, key = HOST_KEY.split()[:2]
client.get_host_keys().add(f"[{HOST}]:{PORT}", kind, paramiko.Ed25519Key(data=base64.b64decode(key)))
client.set_missing_host_key_policy(paramiko.RejectPolicy())
client.connect(HOST, int(PORT), username=USER, password=PASSWORD, look_for_keys=False, allow_agent=False)
sftp = client.open_sftp()
told = {}


def upload(name: str, content: bytes) -> None:
    sftp.putfo(io.BytesIO(content), f"in/{name}.part")
    sftp.posix_rename(f"in/{name}.part", f"in/{name}")


def read(path: str) -> bytes:
    with sftp.open(path) as file:
        return file.read()


if STEP == "upload":
    for number in (1, 2):
        name = f"clients_20260203T08150{number}Z_000{number}.csv"
        content = f"id,name\r\n{number}1,Nordwind\r\n{number}2,\"Süd,\nWest\"\r\n{number}3,a,b\r\n".encode()
        upload(name, content)
        about = {"file": name, "rows": 3, "sha256": hashlib.sha256(content).hexdigest(), "created_at": "2026-02-03T08:15:00Z"}
        upload(f"{name}.manifest.json", json.dumps(about).encode())
    sftp.putfo(io.BytesIO(b"id,name\r\n99,x\r\n"), "in/clients_20260203T081503Z_0003.csv.part")
elif STEP == "see":
    told = {folder: sorted(name for name in sftp.listdir(folder) if not name.startswith(".")) for folder in ("in", "archive", "error")}
    told["acks"] = [json.loads(read(f"archive/{name}")) for name in told["archive"] if name.endswith("_ack.json")]
elif STEP == "take":
    told["files"] = []
    for name in sorted(sftp.listdir("out")):
        if name.endswith(".csv"):
            content, about = read(f"out/{name}"), json.loads(read(f"out/{name}.manifest.json"))
            told["files"].append({"text": content.decode(), "agrees": about["sha256"] == hashlib.sha256(content).hexdigest() and about["file"] == name})
            sftp.remove(f"out/{name}")
            sftp.remove(f"out/{name}.manifest.json")
client.close()
print(json.dumps(told))
