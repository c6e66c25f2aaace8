#!/usr/bin/env python3
"""Sends what nobody wants to a SIP port: broken and unwanted messages, at a rate, for a time.
junk.py ADDRESS:PORT FROM-ADDRESS PACKETS-A-SECOND SECONDS"""
import random
import socket
import sys
import time

(host, port), source = sys.argv[1].rsplit(":", 1), sys.argv[2]
rate, seconds = int(sys.argv[3]), int(sys.argv[4])
rnd = random.Random(5060)
SOUND = (
    "{method} sip:{user}@{host} SIP/2.0\r\n"
    "Via: SIP/2.0/UDP {source}:5060;branch=z9hG4bK{number}\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:{user}@{host}>;tag={number}\r\n"
    "To: <sip:{user}@{host}>\r\n"
    "Call-ID: {number}@junk\r\n"
    "CSeq: 1 {method}\r\n"
    "Content-Length: 0\r\n\r\n"
)


def sound():
    return SOUND.format(
        method=rnd.choice(["INVITE", "OPTIONS", "REGISTER", "BYE", "NOTIFY", "FOO"]),
        user=rnd.randrange(10**9), host="nowhere.invalid", source=source, number=rnd.getrandbits(48),
    ).encode()


def broken():
    text = bytearray(sound())
    for _ in range(rnd.randrange(1, 9)):
        text[rnd.randrange(len(text))] = rnd.randrange(256)
    return bytes(text[: rnd.randrange(1, len(text) + 1)])


def noise():
    return rnd.randbytes(rnd.randrange(1, 1200))


def forged():
    return b"SIP/2.0 200 OK" + sound()[sound().index(b" SIP/2.0") + 8 :]


packets = [rnd.choice([sound, broken, noise, forged])() for _ in range(5000)]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((source, 0))
began, sent = time.monotonic(), 0
while sent < rate * seconds:
    due = min(rate * seconds, int((time.monotonic() - began) * rate))
    for sent in range(sent, due):
        s.sendto(packets[sent % len(packets)], (host, int(port)))
    sent = max(sent, due)
    time.sleep(0.001)
print(sent, "sent in", round(time.monotonic() - began, 1), "s")
