"""Asks a running Costlane through the official openai client; prints what it got as one JSON object."""
import json
import sys
import uuid

import openai
from openai import OpenAI

client = OpenAI(base_url=sys.argv[1] + "/v1", api_key="unused", max_retries=0)
MODEL = "gpt-4o-mini"
found = {}


def ask(text):
    return [{"role": "user", "content": f"{text} {uuid.uuid4()}"}]


raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=ask("Hello?"))
found["text"] = raw.parse().choices[0].message.content
found["cost_usd"] = raw.headers["x-cost-usd"]

stream = client.chat.completions.create(
    model=MODEL, messages=ask("Stream?"), stream=True, stream_options={"include_usage": True}
)
chunks = list(stream)
found["streamed_text"] = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
found["streamed_usage"] = chunks[-1].usage.total_tokens

tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
called = client.chat.completions.create(model=MODEL, messages=ask("Tool?"), tools=[tool], tool_choice="required")
found["tool"] = called.choices[0].message.tool_calls[0].function.name

found["choices"] = len(client.chat.completions.create(model=MODEL, messages=ask("Two?"), n=2).choices)

image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
parts = [{"type": "text", "text": f"{uuid.uuid4()} [[mock: echo=1]]"}, image]
sent = client.chat.completions.create(
    model=MODEL, messages=[{"role": "user", "content": parts}], extra_body={"tomorrow": {"deep": [1, None]}}
)
echo = sent.model_extra["mock_echo"]
found["image_passed"] = echo["messages"][0]["content"] == parts
found["unknown_passed"] = echo["tomorrow"]

found["models"] = MODEL in [m.id for m in client.models.list()]

errors = []
for call in (
    lambda: client.chat.completions.create(model=MODEL, messages=[]),
    lambda: client.chat.completions.create(model="no-such-model", messages=ask("x")),
    lambda: OpenAI(base_url=client.base_url, api_key="cl_unknown", max_retries=0).models.list(),
):
    try:
        call()
        errors.append("none")
    except openai.APIStatusError as error:
        errors.append(f"{type(error).__name__}:{error.code}")
found["errors"] = errors

print(json.dumps(found))
