"""Hands a batch in through the official openai client and waits for it; prints what it got as one JSON object."""
import io
import json
import sys
import time
import uuid

import openai
from openai import OpenAI

client = OpenAI(base_url=sys.argv[1] + "/v1", api_key="unused", max_retries=0)
found = {}


def line(name, text, url="/v1/chat/completions"):
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]}
    return json.dumps({"custom_id": name, "method": "POST", "url": url, "body": body})


def upload(*lines):
    return client.files.create(
        file=("requests.jsonl", io.BytesIO("\n".join(lines).encode())),
        purpose="batch",
        expires_after={"anchor": "created_at", "seconds": 7200},
    )


def ended(file, **more):
    batch = client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h", **more
    )
    deadline = time.time() + 80
    while batch.status in ("validating", "in_progress", "finalizing") and time.time() < deadline:
        time.sleep(0.2)
        batch = client.batches.retrieve(batch.id)
    return batch


file = upload(line("a", f"Hello? {uuid.uuid4()}"), line("ü", f"And you? {uuid.uuid4()}"))
found["kept_seconds"] = file.expires_at - file.created_at
batch = ended(file, metadata={"run": "python"})
found["status"] = batch.status
found["counts"] = batch.request_counts.model_dump()
found["metadata"] = batch.metadata
results = [json.loads(text) for text in client.files.content(batch.output_file_id).text.splitlines()]
found["answered"] = sorted(r["custom_id"] for r in results if r["response"]["body"]["choices"][0]["message"]["content"])
found["error_file"] = batch.error_file_id

failed = ended(upload(line("a", "x", url="/v1/embeddings")))
found["failed"] = [failed.status, failed.errors.data[0].code, failed.errors.data[0].line]

found["listed"] = batch.id in [b.id for b in client.batches.list(limit=10)]
found["deleted"] = client.files.delete(file.id).deleted
try:
    client.files.content(file.id)
except openai.NotFoundError as error:
    found["gone"] = error.code

print(json.dumps(found))
