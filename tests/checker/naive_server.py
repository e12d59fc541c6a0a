#!/usr/bin/python3
"""
naive_server.py PORT: a booking system as it is often written, for the checker to find guilty.

It looks how many seats are left, and then takes them. Between the two other requests run, for a look into a database
takes its time; here it is a wait of five milliseconds. A key is looked up and then noted in the same way.

Its interface is as much of ours as the clients of tests/e2e/30-judged.py use.
"""
import http.server
import json
import secrets
import sys
import time

ROUND_TRIP_S = 0.005

events = {}    # id: capacity
bookings = {}  # id: booking as it is shown
keys = {}      # key: id of its booking


def round_trip():
    time.sleep(ROUND_TRIP_S)


def seats_left(event):
    taken = sum(row["Seats"] for row in list(bookings.values()) if row["EventID"] == event and row["Status"] == "booked")
    return max(events[event] - taken, 0)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def body(self):
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def do_POST(self):
        body = self.body()
        if self.path == "/events":
            events[body["ID"]] = body["Capacity"]
            self.answer(201, {"ID": body["ID"], "Version": 1})
        else:
            self.book(self.path.split("/")[2], body["seats"], self.headers["Idempotency-Key"])

    def book(self, event, seats, key):
        if key in keys:
            self.answer(201, bookings[keys[key]])
            return
        left = seats_left(event)
        round_trip()
        if seats > left:
            self.answer(409, {"type": "/problems/sold-out", "seatsLeft": left})
            return
        booking = {"ID": secrets.token_hex(12), "EventID": event, "UserID": None, "Seats": seats, "Status": "booked"}
        bookings[booking["ID"]] = booking
        if key:
            keys[key] = booking["ID"]
        self.answer(201, booking)

    def do_DELETE(self):
        booking = bookings.get(self.path.split("/")[2])
        if booking:
            booking["Status"] = "cancelled"
        self.answer(200 if booking else 404, booking or {})

    def do_GET(self):
        event = self.path.split("/")[2]
        if self.path.endswith("/availability"):
            self.answer(200, {"EventID": event, "SeatsLeft": seats_left(event)})
        else:
            self.answer(200, [row for row in list(bookings.values()) if row["EventID"] == event])


if __name__ == "__main__":
    with http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler) as server:
        server.serve_forever()
