"""The management plug-in of RabbitMQ over HTTP, for one virtual host."""
import base64
import json
import urllib.error
import urllib.parse
import urllib.request


class ManagementError(Exception):
    """The broker refused a request."""


class Management:
    """`call()` reaches everything; the others are what is asked for most. Statistics are a second
    old, those of quorum queues five."""

    def __init__(self, url, login, vhost="/"):
        self.url = url
        self.login = base64.b64encode(login.encode()).decode()
        self.user = login.split(":")[0]
        self.vhost = vhost

    def call(self, method, path, body=None):
        """One request below /api; the decoded answer, None when it is empty or 404. `{vhost}` in the path is
        replaced."""
        path = path.replace("{vhost}", urllib.parse.quote(self.vhost, safe=""))
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api{path}", data, method=method)
        request.add_header("Authorization", f"Basic {self.login}")
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise ManagementError(f"{method} {path}: {error.code} {error.read().decode()}") from None
        return json.loads(text) if text else None

    def create_vhost(self):
        self.call("PUT", "/vhosts/{vhost}", {})
        self.permit()

    def permit(self, read=".*"):
        """From the next connection on the user may do everything, but read only what has such a name."""
        self.call("PUT", f"/permissions/{{vhost}}/{self.user}", {"configure": ".*", "write": ".*", "read": read})

    def queues(self):
        """Queues by name."""
        return {queue["name"]: queue for queue in self.call("GET", "/queues/{vhost}")}

    def queue(self, name):
        """One queue, None when there is none: messages, messages_ready, consumer_details, arguments, ..."""
        return self.call("GET", f"/queues/{{vhost}}/{urllib.parse.quote(name, safe='')}")

    def messages(self, name):
        """How many messages a queue holds, those in a consumer's hands too. A quorum queue is counted every five
        seconds: until the first time, as for a queue that is not there, ManagementError."""
        queue = self.queue(name)
        if not queue or "messages" not in queue:
            raise ManagementError(f"queue {name}: not counted yet")
        return queue["messages"]

    def declare_queue(self, name, arguments=None):
        queue = {"durable": True, "arguments": arguments or {}}
        self.call("PUT", f"/queues/{{vhost}}/{urllib.parse.quote(name, safe='')}", queue)

    def delete_queue(self, name):
        self.call("DELETE", f"/queues/{{vhost}}/{urllib.parse.quote(name, safe='')}")

    def bind(self, exchange, routing_key, queue):
        self.call("POST", f"/bindings/{{vhost}}/e/{exchange}/q/{queue}", {"routing_key": routing_key})

    def exchanges(self):
        return {exchange["name"]: exchange for exchange in self.call("GET", "/exchanges/{vhost}")}

    def bindings(self):
        """(exchange, routing key, queue) of all bindings but those of the default exchange."""
        return {(row["source"], row["routing_key"], row["destination"])
                for row in self.call("GET", "/bindings/{vhost}") if row["source"]}

    def connections(self):
        return self.call("GET", "/vhosts/{vhost}/connections")
