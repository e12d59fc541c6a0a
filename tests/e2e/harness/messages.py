"""What our services say, held against contracts/: envelope and body of every message that a test has caused."""
import json
import os
import re
import secrets
from datetime import datetime

import jsonschema

from harness.amqp import AmqpConnection, AmqpError
from harness.servers import ROOT
from harness.wait import eventually

LOGS = ("catalogue.log", "bookings.log")
SOURCE = "/myevents/"
SCHEMAS = os.path.join(ROOT, "contracts", "schema")
TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def _schema(name):
    with open(os.path.join(SCHEMAS, f"{name}.json")) as file:
        schema = json.load(file)
    return _schema(schema["$ref"].removesuffix(".json")) if "$ref" in schema else schema


_validators = {name: jsonschema.Draft202012Validator(_schema(name))
               for name in (file.removesuffix(".json") for file in os.listdir(SCHEMAS))}


def _envelope_faults(message, subject):
    properties, headers = message.properties, message.headers
    wanted = {
        "type": message.routing_key, "x-event-name": message.routing_key, "cloudEvents_type": message.routing_key,
        "content_type": "application/json", "delivery_mode": 2, "cloudEvents_specversion": "1.0",
        "cloudEvents_id": message.id, "cloudEvents_subject": subject,
        "cloudEvents_source": SOURCE + properties.get("app_id", ""),
    }
    found = {**properties, **headers}
    faults = [f"{key} is {found.get(key)!r}" for key, value in wanted.items() if found.get(key) != value]
    time = headers.get("cloudEvents_time", "")
    if not TIME.fullmatch(time) or int(datetime.fromisoformat(time).timestamp()) != properties.get("timestamp"):
        faults.append(f"cloudEvents_time is {time!r}, the timestamp {properties.get('timestamp')}")
    if not message.id:
        faults.append("no message_id")
    if "traceparent" in headers and not TRACEPARENT.fullmatch(headers["traceparent"]):
        faults.append(f"traceparent is {headers['traceparent']!r}")
    return faults


def faults_of(message):
    """What contradicts the contract in a message of ours, as texts; what others publish is not ours to judge."""
    if not message.headers.get("cloudEvents_source", "").startswith(SOURCE):
        return []
    if message.routing_key not in _validators:
        return [f"{message}: no message is called so"]
    body = message.json()
    faults = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in
              _validators[message.routing_key].iter_errors(body)]
    faults += _envelope_faults(message, body.get("id") or body.get("eventId"))
    return [f"{message}: {fault}" for fault in faults]


def messages_of_log(amqp_url, log, silence_s=2):
    """All that a log holds by now; nothing when there is no such log. A broker under an alarm does not tell where it
    ends: after so many silent seconds it does."""
    found = []

    def read():
        """the log can be read"""
        try:
            found[:] = _read(amqp_url, log, silence_s)
        except AmqpError as error:
            # A stream that was declared a moment ago is not always there yet.
            raise AssertionError(f"{log}: {error}") from error
        return True

    eventually(read, pause=0.2)
    return found


def _read(amqp_url, log, silence_s):
    marker = secrets.token_hex(8)
    with AmqpConnection(amqp_url) as amqp:
        try:
            amqp.declare_queue(log, passive=True)
        except AmqpError as error:
            if error.code == 404:
                return
            raise
        amqp.publish("", log, b"", headers={"x-log-marker": marker})
        amqp.start_consumer(log, prefetch=1000, arguments={"x-stream-offset": "first"})
        while (message := amqp.receive(silence_s)) and message.headers.get("x-log-marker") != marker:
            if "x-log-marker" not in message.headers:
                yield message
            amqp.ack(message)


def complaints(amqp_url):
    """The faults of all messages of a virtual host that its logs have, the first few of them."""
    faults = [fault for log in LOGS for message in messages_of_log(amqp_url, log) for fault in faults_of(message)]
    return faults[:5] + [f"and {len(faults) - 5} faults more"] * (len(faults) > 5)
