"""Qdrant's own engine (PyPI `qdrant-edge-py`, tried with 0.9.0) behind the few REST calls that the adapter makes. For specs only.

usage: python qdrant-edge-server.py FOLDER    Prints the port it listens on (loopback) and serves until its input ends.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import qdrant_edge as edge

folder = Path(sys.argv[1])
lock = threading.Lock()
collections = {}


class Failure(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def filter_of(given):
    if given is None:
        return None
    conditions = []
    for condition in given["must"]:
        match, span = condition.get("match"), condition.get("range")
        if match is not None:
            conditions.append(edge.FieldCondition(condition["key"], match=edge.MatchValue(match["value"])))
        else:
            conditions.append(edge.FieldCondition(condition["key"], range=edge.RangeFloat(**span)))
    return edge.Filter(must=conditions)


def create(name, body):
    if name in collections:
        raise Failure(409, f"Collection `{name}` already exists!")
    vectors, hnsw = body["vectors"], body["hnsw_config"]
    scalar = (body.get("quantization_config") or {}).get("scalar")
    config = edge.EdgeConfig(
        vectors=edge.EdgeVectorParams(size=vectors["size"], distance=getattr(edge.Distance, vectors["distance"])),
        hnsw_config=edge.HnswIndexConfig(
            m=hnsw["m"], payload_m=hnsw["payload_m"], ef_construct=100, full_scan_threshold=10
        ),
        quantization_config=scalar and edge.ScalarQuantizationConfig(type=edge.ScalarType.Int8, always_ram=True),
    )
    path = folder / str(len(list(folder.iterdir())))
    collections[name] = {"shard": edge.EdgeShard.create(str(path), config), "schema": {}}
    return True


def create_index(collection, body):
    name, schema = body["field_name"], dict(body["field_schema"])
    kinds = {"keyword": edge.KeywordIndexParams, "integer": edge.IntegerIndexParams}
    params = kinds[schema.pop("type")](**schema)
    collection["shard"].update(edge.UpdateOperation.create_field_index(name, params))
    collection["schema"][name] = body["field_schema"]
    return {"operation_id": 0, "status": "completed"}


def upsert(collection, body):
    points = [edge.Point(point["id"], point["vector"], point["payload"]) for point in body["points"]]
    collection["shard"].update(edge.UpdateOperation.upsert_points(points))
    return {"operation_id": 0, "status": "completed"}


def delete(collection, body):
    if "points" in body:
        operation = edge.UpdateOperation.delete_points(body["points"])
    else:
        operation = edge.UpdateOperation.delete_points_by_filter(filter_of(body["filter"]))
    collection["shard"].update(operation)
    return {"operation_id": 0, "status": "completed"}


def query_batch(collection, body):
    requests = [
        edge.QueryRequest(
            limit=search["limit"],
            query=edge.Query.Nearest(search["query"]),
            filter=filter_of(search["filter"]),
            score_threshold=search["score_threshold"],
            with_payload=edge.PayloadSelector.Include(search["with_payload"]),
        )
        for search in body["searches"]
    ]
    found = collection["shard"].query_batch(edge.QueryBatchRequest(requests))
    return [
        {"points": [{"id": str(point.id), "score": point.score, "payload": point.payload} for point in points]}
        for points in found
    ]


def count(collection, body):
    request = edge.CountRequest(exact=body["exact"], filter=filter_of(body.get("filter")))
    return {"count": collection["shard"].count(request)}


calls = {
    "PUT index": create_index,
    "PUT points": upsert,
    "POST points/delete": delete,
    "POST points/query/batch": query_batch,
    "POST points/count": count,
}


def answer(method, path, body):
    _, kind, name, *rest = [unquote(part) for part in path.split("/")]
    call = f"{method} {'/'.join(rest)}"
    if kind != "collections":
        raise Failure(404, "no such path")
    if call == "PUT ":
        return create(name, body)
    collection = collections.get(name)
    if collection is None:
        raise Failure(404, f"Collection `{name}` doesn't exist!")
    if call == "GET ":
        return {"status": "green", "payload_schema": collection["schema"]}
    if call not in calls:
        raise Failure(404, "no such call")
    return calls[call](collection, body)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def serve(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            with lock:
                result = answer(self.command, urlsplit(self.path).path, json.loads(body) if body else None)
            self.reply(200, {"result": result, "status": "ok", "time": 0})
        except Failure as failure:
            self.reply(failure.status, {"status": {"error": str(failure)}, "time": 0})
        except Exception as error:  # What the engine refuses.
            self.reply(400, {"status": {"error": repr(error)}, "time": 0})

    do_GET = do_PUT = do_POST = serve

    def reply(self, status, content):
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
